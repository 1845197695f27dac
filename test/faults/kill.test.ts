/** Our server is killed (-9) while it is pushed to: what it confirmed is there, and the push gets done. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { setTimeout as turn } from "node:timers/promises";

import type { Descriptor } from "../../src/reference/descriptor.ts";
import { digestOf, isDigest } from "../../src/reference/digest.ts";
import { blobOf, bytesOf } from "../../src/registry/testing/remote.ts";
import { createMemoryRepository } from "../../src/store/memory.ts";
import type { BlobSource } from "../../src/store/store.ts";
import { copy } from "../../src/transfer/copy.ts";
import {
  amd64,
  arm64,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../../src/transfer/testing/images.ts";
import { tool } from "../tools.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { startMortalServer } from "./mortal-server.ts";
import { atEnd, client, temporaryFolder, tenths } from "./stage.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const compiled = await mkdtemp(join(tmpdir(), "wharf-compiled-"));
after(() => rm(compiled, { recursive: true, force: true }));

/**
 * A server that comes back whenever it is killed, and a proxy before it. Requests wait while it is away, and until
 * everything that it has confirmed since `forget` was called has been read again and verified.
 */
async function open(context: TestContext) {
  const folder = await temporaryFolder(context);
  const server = startMortalServer(folder, compiled);
  const lies: string[] = [];
  let checked = Promise.resolve("");
  let deaths = -1;
  const proxy = await startFaultProxy(() => {
    if (deaths !== server.deaths) {
      deaths = server.deaths;
      const confirmed = confirmedBy(proxy.seen);
      checked = server.host().then(async (host) => {
        lies.push(...(await missing(host, confirmed)));
        return host;
      });
    }
    return checked;
  });
  atEnd(context, async () => {
    await proxy.close();
    await server.close();
  });
  return { folder, server, proxy, lies, repository: client(context, proxy.host).repository("a/b") };
}

/** Paths that can be read from now on, by the answers 201 to pushes. */
function confirmedBy(
  seen: readonly { method: string; target: string; status: number }[],
): string[] {
  return seen
    .filter(({ status }) => status === 201)
    .map(({ target }) => {
      const { pathname, searchParams } = new URL(target, "http://registry.test");
      const digest = searchParams.get("digest");
      return digest === null ? pathname : `/v2/a/b/blobs/${digest}`;
    });
}

/** What of `paths` is not there, or not what its digest says. */
async function missing(host: string, paths: readonly string[]): Promise<string[]> {
  const bad: string[] = [];
  for (const path of paths) {
    const answer = await fetch(`http://${host}${path}`);
    const actual = digestOf(new Uint8Array(await answer.arrayBuffer()));
    const name = path.split("/").at(-1)!;
    const expected = isDigest(name) ? name : answer.headers.get("docker-content-digest");
    if (answer.status !== 200 || actual !== expected) bad.push(`${path} (${answer.status})`);
  }
  return bad;
}

/** Two platforms and a signature, which nobody has pushed before. */
async function freshImage() {
  const source = createMemoryRepository();
  const images: Descriptor[] = [];
  for (const platform of [amd64, arm64]) {
    const layers = [blobOf(200_000).bytes, blobOf(1000).bytes];
    images.push(await pushImage(source, { platform, layers }));
  }
  const index = await pushIndex(source, images, { tag: "latest" });
  await pushReferrer(source, index, "application/vnd.example.signature");
  return { source, images, index };
}

test("killed before each step of a push", async (context) => {
  // One for each processor of a small machine.
  const points = await Promise.all([killAtSteps(context, 1, 2), killAtSteps(context, 2, 2)]);
  context.diagnostic(`${points[0] + points[1]} steps`);
});

/** Kills at every `stride`-th step from `first` on, each time in another push. @returns how often */
async function killAtSteps(context: TestContext, first: number, stride: number): Promise<number> {
  const { folder, server, proxy, lies, repository } = await open(context);
  const pushed: Descriptor[] = [];
  for (let point = first; ; point += stride) {
    const { source, images, index } = await freshImage();
    const tag = `point-${point}`;
    proxy.clear();
    await server.arm(point);
    const { deaths } = server;
    // Where one run cannot do it, the next does.
    const run = () => copy(source, "latest", repository, { tag, referrers: true });
    await run().catch(run);
    assert.equal((await repository.resolve(tag)).digest, index.digest);
    const survived = server.deaths === deaths;
    await server.arm(Infinity);
    assert.deepEqual(await missing(await server.host(), confirmedBy(proxy.seen)), []);
    assert.deepEqual(lies, [], `killed before step ${point}`);
    pushed.push(...images);
    if (survived) break;
  }
  assert(server.deaths > 20, `${server.deaths} points`);
  await pushIndex(repository, pushed, { tag: "all" });
  // A last death, so that the folder is as that has left it.
  await server.kill();
  await readWithSkopeo(context, `docker://${proxy.host}/a/b:all`);
  await readWithSkopeo(context, `oci:${join(folder, "repositories", "a+b")}:all`);
  return server.deaths;
}

async function readWithSkopeo(context: TestContext, image: string): Promise<void> {
  if (skopeo.skip !== false) return context.diagnostic(skopeo.skip);
  const target = `dir:${await temporaryFolder(context)}`;
  const words = ["copy", "--insecure-policy", "--all", "--src-tls-verify=false", image, target];
  await skopeo.run(words);
}

test("killed at any tenth of a blob: the upload goes on in the next process", async (context) => {
  const { folder, server, proxy, lies, repository } = await open(context);
  const size = 3_000_000;
  for (const offset of tenths(size)) {
    const { descriptor, bytes } = blobOf(size);
    let deadly = true;
    async function* read(from: number) {
      for (let at = from; at < size; at += 50_000) {
        if (at >= offset && deadly) {
          deadly = false;
          // Much of what was sent may still be on its way.
          while ((await received(folder)) < offset / 2) await turn(2);
          await server.kill();
        }
        yield bytes.subarray(at, at + 50_000);
      }
    }
    const source: BlobSource = { size, replayable: true, open: async (from) => read(from) };
    proxy.clear();
    await repository.pushBlob(descriptor, source);
    assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
    const log = proxy.log(/uploads/);
    assert(log.includes("PATCH 202") && !log.slice(1).includes("POST 202"), log.join(", "));
  }
  assert.deepEqual(lies, []);
  assert.equal(server.deaths, 9);
});

/** Bytes of the upload that is under way. */
async function received(folder: string): Promise<number> {
  const uploads = join(folder, "uploads");
  const names = await readdir(uploads, { recursive: true });
  // A file may be gone before it is looked at.
  const sizes = names.map((name) =>
    stat(join(uploads, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return Math.max(0, ...(await Promise.all(sizes)));
}
