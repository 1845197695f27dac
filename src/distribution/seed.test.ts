import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { parseManifest } from "../reference/manifest.ts";
import { createMemoryCollection } from "../store/memory.ts";
import { verified } from "../store/verified.ts";
import { helloProgram } from "./hello.ts";
import { seed, seedImage } from "./seed.ts";

test("an empty collection gets one image for two platforms, whole", async () => {
  const collection = createMemoryCollection();
  assert.equal(await seed(collection), true);
  const repository = collection.repository(seedImage.repository);
  const index = parseManifest((await repository.fetchManifest(seedImage.tag)).bytes);
  assert(index.kind === "index");
  assert.deepEqual(
    index.manifests.map((entry) => entry.platform),
    [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ],
  );
  for (const entry of index.manifests) {
    const image = parseManifest((await repository.fetchManifest(entry.digest)).bytes);
    assert(image.kind === "image");
    for (const blob of [image.config, ...image.layers])
      for await (const chunk of verified(blob, await repository.fetchBlob(blob))) assert(chunk);
  }
});

test("a collection that holds something is left alone", async () => {
  const collection = createMemoryCollection();
  await seed(collection);
  assert.equal(await seed(collection), false);
});

test("the program says what it was made to say", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-hello-"));
  t.after(() => rm(folder, { recursive: true }));
  const text = "Grüße vom Kai\n";
  for (const architecture of ["amd64", "arm64"] as const) {
    const program = helloProgram(architecture, text);
    assert(Buffer.from(program).includes(text));
    const native = { x64: "amd64", arm64: "arm64" }[process.arch as string];
    if (process.platform !== "linux" || native !== architecture) continue;
    const file = join(folder, architecture);
    await writeFile(file, program, { mode: 0o755 });
    assert.equal((await promisify(execFile)(file)).stdout, text);
  }
});
