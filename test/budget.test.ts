/** `wharf copy` with a plan and a floor of pulls: from a registry that counts as Docker Hub does, into ours and Debian's. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";

import { connect, createMemoryRepository, planCopy } from "../src/entrance/registry.ts";
import { registries } from "./cli/stage.ts";
import { startCountingHub } from "./counting-hub.ts";
import { wharf, wharfOk } from "./wharf.ts";

const cache = mkdtempSync(join(tmpdir(), "wharf-pulls-"));
after(() => rmSync(cache, { recursive: true, force: true }));
let number = 0;
/** Each test has nothing from earlier. */
const fresh = () => ({ environment: { XDG_CACHE_HOME: join(cache, String((number += 1))) } });

async function hubFor(
  context: TestContext,
  tags: Readonly<Record<string, number>>,
  options?: Parameters<typeof startCountingHub>[1],
) {
  const hub = await startCountingHub(tags, options);
  context.after(() => hub.close());
  return { hub, app: `${hub.host}/library/app` };
}

for (const { name, skip, start } of registries)
  describe(`into ${name}`, { skip }, () => {
    let server: Awaited<ReturnType<typeof start>>;
    before(async () => {
      server = await start();
    });
    after(() => server.close());
    const target = () => `${server.host}/pulls/${(number += 1)}`;

    test("a plan says what a copy costs, and the copy then takes no pull again", async (context) => {
      const { hub, app } = await hubFor(context, { "1.0": 4 });
      const to = target();
      const options = fresh();
      const plan = await wharfOk(["copy", `${app}:1.0`, to, "--plan"], options);
      assert.match(plan.stdout, /^Image +\S+:1\.0@sha256:[0-9a-f]{64}$/m);
      assert.match(plan.stdout, /^Manifests +5 to copy$/m);
      assert.match(plan.stdout, /^Blobs +9 to copy \(5\.\d KiB\)$/m);
      assert.match(plan.stdout, /^Pulls +4 as Docker counts, in 5 requests for manifests$/m);
      assert.match(plan.stderr, /^95 of 100 pulls in 1\.0 s are left; the plan took 5/);
      assert.equal(hub.pulls, 5);
      assert.equal((await wharf(["digest", `${to}:1.0`])).status, 4);
      const copied = await wharfOk(["copy", `${app}:1.0`, to, "--keep-pulls=95"], options);
      assert.match(copied.stderr, /9 blobs copied/);
      assert.equal(hub.pulls, 5);
      const json = await wharfOk(["copy", `${app}:1.0`, to, "--plan", "--json"], options);
      const { manifests, blobs, pulls } = JSON.parse(json.stdout) as Record<string, object>;
      assert.deepEqual(manifests, { copy: 0, existing: 1 });
      assert.deepEqual(blobs, { copy: 0, mount: 0, existing: 0, skip: 0 });
      assert.deepEqual(pulls, {
        images: 0,
        requests: 0,
        reused: 0,
        limit: 100,
        remaining: 95,
        window: 1000,
      });
    });

    test("at the floor it stops, keeps what it has, and goes on when run again", async (context) => {
      const { hub, app } = await hubFor(context, { "1.0": 8 }, { remaining: 14 });
      const to = target();
      const options = fresh();
      const words = ["copy", `${app}:1.0`, `${to}:1.0`, "--keep-pulls=10"];
      const stopped = await wharf(words, options);
      assert.equal(stopped.status, 1);
      assert.match(stopped.stderr, /10 of 100 pulls are left, and 10 are to be kept/);
      assert.match(stopped.stderr, /Run the same again later/);
      assert.equal(hub.remaining, 10);
      assert.equal((await wharf(["digest", `${to}:1.0`])).status, 4);
      hub.remaining = 60;
      await wharfOk(words, options);
      // The index and eight images, none twice.
      assert.equal(hub.pulls, 9);
      assert.equal((await wharf(["digest", `${to}:1.0`])).status, 0);
    });

    test("with --wait it goes on as pulls come back", async (context) => {
      const { hub, app } = await hubFor(context, { "1.0": 6 }, { remaining: 12 });
      // Asked at the floor, it has one more each time.
      hub.onHead = () => {
        if (hub.remaining === 10) hub.remaining = 11;
      };
      const to = target();
      const words = ["copy", `${app}:1.0`, to, "--keep-pulls=10", "--wait"];
      const { stderr } = await wharfOk(words, fresh());
      assert.equal(hub.pulls, 7);
      assert.equal(hub.lowest, 10);
      assert.match(stderr, /9 blobs copied|13 blobs copied/);
    });

    test("all tags stop at the floor too", async (context) => {
      const { hub, app } = await hubFor(context, { a: 2, b: 2, c: 2 }, { remaining: 15 });
      const to = target();
      const options = fresh();
      const words = ["copy", app, to, "--all-tags", "--keep-pulls=10"];
      assert.equal((await wharf(words, options)).status, 1);
      assert.equal(hub.remaining, 10);
      hub.remaining = 100;
      await wharfOk(words, options);
      assert.equal((await wharfOk(["tags", to])).stdout, "a\nb\nc\n");
      assert.equal(hub.pulls, 9);
    });

    test("what the target has costs no pull", async (context) => {
      const { hub, app } = await hubFor(context, { "1.0": 2 });
      const to = target();
      await wharfOk(["copy", `${app}:1.0`, to], fresh());
      const { pulls } = hub;
      hub.remaining = 10;
      await wharfOk(["copy", `${app}:1.0`, to, "--keep-pulls=10"], fresh());
      assert.equal(hub.pulls, pulls);
    });
  });

test("waiting has an end", async (context) => {
  const { app } = await hubFor(context, { "1.0": 1 }, { remaining: 5 });
  const words = ["copy", `${app}:1.0`, "oci:never", "--keep-pulls=5", "--wait", "--max-wait=1s"];
  const { status, stderr } = await wharf(words, { cwd: cache, ...fresh() });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /5 of 100 pulls are left, 5 to be kept: asking again in 0\.1 s, for 1\.0 s at most/,
  );
  assert.match(stderr, /Nothing came back while we waited/);
});

test("a plan that takes more pulls than are left says so, and takes but that of the index", async (context) => {
  const { hub, app } = await hubFor(context, { "1.0": 8 }, { remaining: 6 });
  const options = { cwd: cache, ...fresh() };
  const { status, stderr } = await wharf(["copy", `${app}:1.0`, "oci:none", "--plan"], options);
  assert.equal(status, 1);
  assert.match(stderr, /The copy of 1\.0 takes 8 pulls; 5 of 100 are left/);
  assert.equal(hub.pulls, 1);
  const one = [
    "copy",
    `${app}:1.0`,
    "oci:none",
    "--plan",
    "--platform=linux/amd64",
    "--keep-pulls=4",
  ];
  const fits = await wharfOk(one, options);
  assert.match(fits.stdout, /^Manifests +1 to copy$/m);
  assert.equal(existsSync(join(cache, "none")), false);
});

test("where nobody counts, a floor changes nothing", async (context) => {
  const { hub, app } = await hubFor(context, { "1.0": 3 });
  hub.remaining = undefined;
  const options = { cwd: cache, ...fresh() };
  const plan = await wharfOk(
    ["copy", `${app}:1.0`, "oci:free", "--plan", "--keep-pulls=50"],
    options,
  );
  assert.match(plan.stdout, /^Pulls +not counted by this registry$/m);
  assert.equal(plan.stderr, "");
  await wharfOk(["copy", `${app}:1.0`, "oci:free", "--keep-pulls=50"], options);
  assert.equal(existsSync(join(options.environment.XDG_CACHE_HOME, "wharfinger/manifests")), false);
});

test("Docker's refusal ends a copy that does not wait, with what it says", async (context) => {
  const { app } = await hubFor(context, { "1.0": 3 }, { remaining: 0 });
  const { status, stderr } = await wharf(["copy", `${app}:1.0`, "oci:refused"], {
    cwd: cache,
    ...fresh(),
  });
  assert.equal(status, 1);
  assert.match(stderr, /You have reached your pull rate limit/);
});

test("the library plans as the command does", async (context) => {
  const { hub } = await hubFor(context, { "1.0": 2 });
  const registry = connect(hub.host);
  context.after(() => registry.close());
  const source = registry.repository("library/app");
  const plan = await planCopy(source, "1.0", createMemoryRepository());
  assert.deepEqual(plan.pulls, { images: 2, requests: 3, reused: 0 });
  assert.equal(plan.limit?.remaining, 97);
  assert.equal(plan.totals.manifests.copied, 3);
  assert.equal(hub.pulls, 3);
});

test("flags that make no sense are refused", async () => {
  for (const [words, expected] of [
    [["--wait"], /--wait goes with --keep-pulls/],
    [["--keep-pulls=some"], /--keep-pulls is a whole number from 0/],
    [["--keep-pulls=1", "--wait", "--max-wait=soon"], /--max-wait is a span of time, not 'soon'/],
  ] as const) {
    const { status, stderr } = await wharf(["copy", "localhost:1/a", "oci:a", ...words], {
      cwd: cache,
    });
    assert.equal(status, 2);
    assert.match(stderr, expected);
  }
});
