/** Many at once: what one request does, it does whole. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../../src/entrance/hub.ts";
import { collect } from "../../src/hub/testing/stage.ts";
import { emptyIndex, index, registryFor } from "./registry-calls.ts";
import { stage } from "./stage.ts";

test("two thousand mixed calls at once leave everything as if they had come one by one", async (context) => {
  const { as } = await stage(context);
  const [alice, dave] = [as("alice"), as("dave")];
  const site = { namespace: "alice", repository: "site" };
  const made: string[] = [];
  const calls = Array.from({ length: 500 }, (_, number) => [
    dave.stars.add(site),
    alice.repositories.create({ namespace: "alice", name: `box-${number % 250}` }).then(
      ({ name }) => made.push(name),
      () => 0,
    ),
    alice.accessTokens.create({ token_label: `token ${number}`, scopes: ["repo:read"] }),
    alice.repositories.get(site),
  ]);
  await Promise.all(calls.flat());
  assert.equal(made.length, 250, "of two that make the same repository one succeeds");
  assert.equal((await alice.repositories.get(site)).star_count, 1);
  assert.equal((await alice.repositories.list({ namespace: "alice", name: "box-" })).count, 250);
  const tokens = await collect(alice.accessTokens.list());
  const labels = tokens.map(({ token_label }) => token_label);
  assert.equal(new Set(labels.filter((label) => /^token \d+$/.test(label!))).size, 500);
});

test("of twenty deletions of a tag one succeeds, and both halves agree", async (context) => {
  const { as } = await stage(context);
  const alice = as("alice");
  const tag = { namespace: "harbour", repository: "api", tag: "latest" };
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => alice.tags.delete(tag)),
  );
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal(await alice.tags.check(tag), false);
  assert.equal(await alice.tags.check({ ...tag, tag: "v1.2.0" }), true);
});

test("pushes, deletions and reads of the same tags at once leave Hub and registry as one", async (context) => {
  const at = await stage(context);
  const [alice, dave] = [at.as("alice"), at.as("dave")];
  const names = Array.from({ length: 10 }, (_, number) => `crate-${number}`);
  const registries = new Map<string, Awaited<ReturnType<typeof registryFor>>>();
  for (const name of ["site", ...names])
    registries.set(name, await registryFor(at, "alice", `alice/${name}`));
  const tally = { pushed: 0, pulled: 0, deleted: 0 };
  const statuses = new Set<number>();
  const turn = gate(40);

  /** What the call of this number does, to which tag of which repository. */
  const call = async (number: number): Promise<void> => {
    const repository = names[number % names.length]!;
    const one = { namespace: "alice", repository };
    const tag = `t${Math.floor(number / 7) % 5}`;
    const send = registries.get(repository)!;
    switch (number % 9) {
      case 0:
      case 1:
      case 2: {
        const pushed = await send("PUT", `manifests/${tag}`, emptyIndex(`${number}`), index);
        statuses.add(pushed.status);
        tally.pushed += 1;
        return;
      }
      case 3:
      case 4:
        await alice.tags.delete({ ...one, tag });
        tally.deleted += 1;
        return;
      case 5:
        if (number % 4 === 0) await alice.repositories.delete(one);
        else await alice.repositories.update({ ...one, description: `${number}` });
        return;
      case 6: {
        // A page is a picture of one moment: no tag without its manifest.
        const { count, results } = await alice.tags.list(one);
        assert.equal(count, results.length);
        assert(results.every(({ digest }) => digest?.startsWith("sha256:")));
        return;
      }
      case 7: {
        const pulled = await registries.get("site")!("GET", "manifests/latest");
        assert.equal(pulled.status, 200);
        await pulled.arrayBuffer();
        tally.pulled += 1;
        return;
      }
      default:
        await (number % 2 ? dave.stars.add(one) : dave.stars.delete(one));
    }
  };
  const site = { namespace: "alice", repository: "site" };
  const before = await alice.repositories.get(site);
  await Promise.all(
    Array.from({ length: 2000 }, (_, number) =>
      turn(() =>
        call(number).catch((error: unknown) => {
          if (!isError(error, "NOT_FOUND")) throw error;
        }),
      ),
    ),
  );

  assert.deepEqual([...statuses], [201]);
  assert(tally.deleted > 0);
  assert.equal((await alice.repositories.get(site)).pull_count! - before.pull_count!, tally.pulled);
  const tags: string[] = [];
  const starred = await dave.stars.list({ username: "dave" });
  for (const repository of names) {
    const one = { namespace: "alice", repository };
    const send = registries.get(repository)!;
    const listed = await send("GET", "tags/list");
    const held = listed.ok ? ((await listed.json()) as { tags: string[] | null }).tags : [];
    if (!(await alice.repositories.check(one))) {
      assert.deepEqual(held ?? [], [], `${repository} is deleted`);
      continue;
    }
    const shown = await collect(alice.tags.list(one));
    assert.deepEqual(shown.map(({ name }) => name!).toSorted(), (held ?? []).toSorted());
    for (const { name, digest } of shown) {
      const head = await send("HEAD", `manifests/${name}`);
      assert.equal(head.headers.get("docker-content-digest"), digest, `${repository}:${name}`);
      tags.push(name!);
    }
    const { manifests = [] } = await alice.manifests.list(one);
    for (const { digest } of manifests)
      assert.equal((await send("HEAD", `manifests/${String(digest)}`)).status, 200);
    const stars = starred.results.some(({ name }) => name === repository) ? 1 : 0;
    assert.equal((await alice.repositories.get(one)).star_count, stars);
  }
  assert(tags.length > 0);
  const entries = at.sandbox.requests;
  assert.deepEqual(
    entries.map(({ number }) => number),
    entries.map((_, place) => entries[0]!.number + place),
  );
  assert(entries.every(({ status }) => status > 0 && status < 500));
});

/** Lets so many run at once: a process has no more files than its limit. */
function gate(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
