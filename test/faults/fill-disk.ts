/**
 * Writes to a folder whose disk may be full, and says how that ended: `ok`, or an error's code and message.
 * Arguments: what to write, the folder, address and tag of the image that it is made of.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { WharfError } from "../../src/errors.ts";
import { parseManifest } from "../../src/reference/manifest.ts";
import { downloadBlob } from "../../src/registry/download.ts";
import { connect } from "../../src/registry/remote.ts";
import { startServer } from "../../src/server/server.ts";
import { createArchive } from "../../src/store/archive/archive.ts";
import { openCollection } from "../../src/store/collection/collection.ts";
import { openLayout } from "../../src/store/layout/layout.ts";
import { copy } from "../../src/transfer/copy.ts";
import { quick } from "./stage.ts";

const [what = "", folder = "", host = "", tag = ""] = process.argv.slice(2);
const registry = connect(host, quick);
const source = registry.repository("a/b");

const ways: Record<string, () => Promise<void>> = {
  async download() {
    const manifest = parseManifest((await source.fetchManifest(tag)).bytes);
    if (manifest.kind !== "image") throw new Error("no image");
    await downloadBlob(source, manifest.layers[0]!, join(folder, "blob"));
  },
  async layout() {
    const layout = await openLayout(join(folder, "layout"), { create: true });
    try {
      await copy(source, tag, layout);
    } finally {
      await layout.close();
    }
  },
  async archive() {
    const archive = await createArchive(join(folder, "a.tar"), "oci-archive");
    try {
      await copy(source, tag, archive);
      await archive.finish();
    } finally {
      await archive.abort();
    }
  },
  async server() {
    const collection = await openCollection(join(folder, "data"));
    const server = await startServer({ collection, port: 0, closeTimeout: 0 });
    const target = connect(`127.0.0.1:${server.port}`, quick);
    try {
      await copy(source, tag, target.repository("c/d"));
    } finally {
      await target.close();
      await server.close();
      await collection.close();
    }
  },
};

try {
  await ways[what]!();
  console.log("ok");
} catch (error) {
  console.log(error instanceof WharfError ? `${error.code} ${error.message}` : String(error));
}
console.log((await readdir(folder)).toSorted().join(" "));
await registry.close();
