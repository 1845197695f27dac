/** Garbage collection from outside: the command beside a server, the server's own, and clients that are in the middle. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { startServer } from "../src/server/server.ts";
import { contentOf, imageOf, noise } from "../src/store/behaviours/content.ts";
import type { Content, Image } from "../src/store/behaviours/content.ts";
import { openCollection } from "../src/store/collection/collection.ts";
import { checkValue, readOutputPage } from "./cli/output-page.ts";
import { pushOver, request } from "./crash/pushing.ts";
import { serveRegistry, wharf, wharfOk } from "./wharf.ts";

const hour = 3600_000;
const image = imageOf("collected");
const other = imageOf("kept");
const lone = contentOf(noise(5000, "lone"));

interface Scene {
  readonly folder: string;
  serve(more?: readonly string[]): ReturnType<typeof serveRegistry>;
  /** The last to be opened is the first to be closed; the folder goes after all. */
  closeLater(close: () => Promise<void>): void;
}

function scene(title: string, play: (scene: Scene) => Promise<void>): void {
  test(title, async () => {
    const folder = await mkdtemp(join(tmpdir(), "wharf-gc-"));
    const closers = [() => rm(folder, { recursive: true, force: true })];
    try {
      await play({
        folder,
        async serve(more) {
          const server = await serveRegistry(folder, more);
          closers.push(server.close);
          return server;
        },
        closeLater: (close) => void closers.push(close),
      });
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  });
}

/** All blobs, by the names that they have. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.includes("sha256/")).toSorted();
}

const remove = (url: string, name: string, { manifest }: Image) =>
  request("DELETE", `${url}/v2/${name}/manifests/${manifest.descriptor.digest}`);

const statusOf = async (url: string, name: string, { descriptor }: Content) =>
  (await request("HEAD", `${url}/v2/${name}/blobs/${descriptor.digest}`)).status;

const gc = (folder: string, ...words: string[]) => ["registry", "gc", "--store", folder, ...words];

scene(
  "a client between its look at a blob and its manifest loses nothing, also over a restart",
  async ({ folder, closeLater }) => {
    let now = Date.UTC(2026, 0, 1);
    const start = async () => {
      const collection = await openCollection(folder, { now: () => now });
      const server = await startServer({ collection, port: 0 });
      return {
        url: server.url,
        collection,
        async close() {
          await server.close();
          await collection.close();
        },
      };
    };
    let registry = await start();
    closeLater(() => registry.close());
    // All that the image needs is here, and nothing needs it any more.
    await pushOver(registry.url, "a/b", image, "1");
    await remove(registry.url, "a/b", image);
    now += 40 * hour;
    for (const blob of image.blobs) assert.equal(await statusOf(registry.url, "a/b", blob), 200);
    const pieces = [0, 23 * hour];
    for (const piece of pieces) {
      now += piece;
      await registry.collection.collectGarbage({ untagged: true });
      await registry.close();
      registry = await start();
    }
    const { status } = await request("PUT", `${registry.url}/v2/a/b/manifests/2`, image.manifest);
    assert.equal(status, 201);
    now += 100 * hour;
    await registry.collection.collectGarbage({ untagged: true });
    for (const blob of image.blobs) assert.equal(await statusOf(registry.url, "a/b", blob), 200);
  },
);

scene(
  "a client that comes too late is told which blobs to send again",
  async ({ folder, serve }) => {
    const { url } = await serve();
    await pushOver(url, "a", image, "1");
    await remove(url, "a", image);
    await wharfOk(gc(folder, "--grace", "0"));
    const answer = await request("PUT", `${url}/v2/a/manifests/1`, image.manifest);
    assert.equal(answer.status, 404);
    const { errors } = JSON.parse(answer.body.toString()) as {
      errors: { code: string; detail: { digest: string }[] }[];
    };
    assert.equal(errors[0]?.code, "MANIFEST_BLOB_UNKNOWN");
    assert.deepEqual(
      errors[0]?.detail.map(({ digest }) => digest).toSorted(),
      image.blobs.map(({ descriptor }) => descriptor.digest).toSorted(),
    );
    await pushOver(url, "a", image, "1");
  },
);

scene(
  "the command beside a server: a plan, then the same done, in a table that fits",
  async ({ folder, serve }) => {
    const { url } = await serve();
    const long = `${"very/".repeat(12)}long/name`;
    for (const name of ["a/b", long]) {
      await pushOver(url, name, image, "1");
      await pushOver(url, name, other, "2");
      await request("DELETE", `${url}/v2/${name}/manifests/1`);
    }
    const words = gc(folder, "--untagged", "--grace", "0");
    const unchanged = await filesIn(folder);
    const planned = await wharfOk([...words, "--dry-run"]);
    assert.deepEqual(await filesIn(folder), unchanged);
    const done = await wharfOk(words);
    assert.equal(done.stdout, planned.stdout);
    const bytes = [image.manifest, ...image.blobs].reduce((sum, one) => sum + one.bytes.length, 0);
    const size = `${(bytes / 1024).toFixed(1)} KiB`;
    assert.deepEqual(done.stdout.trimEnd().split("\n"), [
      "REPOSITORY                                      MANIFESTS  BLOBS    BYTES",
      "a/b                                                     1      2      0 B",
      `${long.slice(0, 45)}…          1      2  ${size}`,
      `total                                                   2      4  ${size}`,
    ]);
    assert.equal(done.stderr, `Freed ${size}: 2 manifests, 4 blobs\n`);
    assert.equal(planned.stderr, `Would free ${size}: 2 manifests, 4 blobs\n`);
    assert.equal(await statusOf(url, "a/b", image.blobs[0]!), 404);
    assert.equal(await statusOf(url, "a/b", other.blobs[0]!), 200);
    assert.equal((await wharfOk(words)).stderr, "There is nothing to collect\n");
  },
);

scene("for programs: what was freed, by repository", async ({ folder, serve }) => {
  const { url } = await serve();
  await pushOver(url, "a", image, "1");
  await remove(url, "a", image);
  const { stdout } = await wharfOk(gc(folder, "--grace", "0", "--json"));
  checkPromise(stdout);
  const bytes = image.blobs.reduce((sum, blob) => sum + blob.bytes.length, 0);
  const freed = { manifests: 0, blobs: 2, bytes };
  assert.deepEqual(JSON.parse(stdout), {
    dryRun: false,
    ...freed,
    uploads: 0,
    repositories: [{ name: "a", ...freed }],
    leftovers: { manifests: 0, blobs: 0, bytes: 0 },
    unreadable: [],
  });
});

scene(
  "a blob that was pushed without a manifest lives on, until it is asked for that it goes",
  async ({ folder, serve }) => {
    const { url } = await serve();
    await pushOver(url, "a", other, "1");
    await pushOver(url, "a", { ...image, blobs: [lone] }, undefined);
    await wharfOk(gc(folder, "--untagged", "--grace", "0"));
    assert.equal(await statusOf(url, "a", lone), 200);
    const { stderr } = await wharfOk(gc(folder, "--unreferenced-blobs", "--grace", "0"));
    assert.equal(stderr, "Freed 4.9 KiB: 1 blob\n");
    assert.equal(await statusOf(url, "a", lone), 404);
    assert.equal(await statusOf(url, "a", other.blobs[0]!), 200);
  },
);

scene(
  "uploads that were given up are forgotten, those of a running server are its own",
  async ({ folder, serve }) => {
    const server = await serve();
    const { headers } = await request("POST", `${server.url}/v2/a/blobs/uploads/`);
    const uploads = async () => JSON.parse((await wharfOk(words)).stdout).uploads as number;
    const words = gc(folder, "--upload-expiry", "0", "--json");
    assert.equal(await uploads(), 0);
    assert.equal((await request("GET", `${server.url}${headers.location}`)).status, 204);
    await server.close();
    assert.equal(await uploads(), 1);
    assert.ok(!existsSync(join(folder, "uploads")));
  },
);

scene("a server collects by itself where it was told to, and says so", async ({ serve }) => {
  const flags = ["--gc-interval", "1s", "--gc-untagged", "--gc-grace", "0"];
  const { url, child } = await serve(flags);
  await pushOver(url, "a", other, "1");
  await pushOver(url, "a", image, "2");
  await request("DELETE", `${url}/v2/a/manifests/2`);
  const said = await new Promise<string>((resolve) => {
    let text = "";
    child.stderr.on("data", (data: Buffer) => {
      text += data.toString();
      const line = text.split("\n").find((one) => /"(collected|failure)"/.test(one));
      if (line !== undefined) resolve(line);
    });
  });
  const { collected } = JSON.parse(said) as { collected: { manifests: number; blobs: number } };
  assert.deepEqual([collected.manifests, collected.blobs], [1, 2]);
  assert.equal(await statusOf(url, "a", image.blobs[0]!), 404);
  assert.equal(await statusOf(url, "a", other.blobs[0]!), 200);
});

scene("what makes no sense is refused, and nothing is made of it", async ({ folder }) => {
  const missing = join(folder, "missing");
  const refusals: [string[], number, RegExp][] = [
    [gc(missing), 4, /missing: no such folder\n.*--store/],
    [gc(folder), 1, /is no data directory of a registry\n.*--store/],
    [gc(folder, "--grace", "5m"), 2, /--grace is a span of time, not '5m'/],
    [gc(folder, "a/b"), 2, /does not know what to do with 'a\/b'/],
    [
      ["registry", "serve", "--store", missing, "--gc-untagged"],
      2,
      /--gc-untagged goes with --gc-interval/,
    ],
    [["registry", "serve", "--memory", "--gc-interval", "1d"], 2, /not with --memory/],
  ];
  for (const [words, status, message] of refusals) {
    const said = await wharf(words);
    assert.equal(said.status, status, words.join(" "));
    assert.match(said.stderr, message);
  }
  assert.deepEqual(await readdir(folder), []);
});

scene("damaged content is found, and the status says so", async ({ folder, serve }) => {
  const { url } = await serve();
  await pushOver(url, "a", image, "1");
  const whole = await wharfOk(gc(folder, "--verify"));
  checkPromise((await wharfOk(gc(folder, "--verify", "--json"))).stdout);
  assert.match(whole.stderr, /^Read 3 blobs, .*: all are what their digests say\n/);
  const [layer] = image.blobs.slice(1);
  await damage(join(folder, "pool", "sha256", layer!.descriptor.digest.slice(7)));
  const { status, stdout, stderr } = await wharf(gc(folder, "--verify"));
  assert.equal(status, 1);
  const short = layer!.descriptor.digest.slice(7, 19);
  assert.equal(stdout, `DAMAGED  DIGEST        KIND  NOW\na        ${short}  blob  set aside\n`);
  assert.match(stderr, /1 damaged; push those again that are not mended/);
  await pushOver(url, "a", image, "1");
  await wharfOk(gc(folder, "--verify"));
});

/** Insists that the JSON is what docs/output.md says. */
function checkPromise(json: string): void {
  const sections = readOutputPage();
  const section = sections.find(({ name }) => name === "wharf registry gc")!;
  checkValue(JSON.parse(json), section, sections);
}

async function damage(path: string): Promise<void> {
  const handle = await open(path, "r+");
  await handle.write("damaged", 10);
  await handle.close();
}
