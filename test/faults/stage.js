/** What tests of faults begin with: a registry, a proxy that breaks things before it, and a client. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isError } from "../../src/errors.js";
import { connect } from "../../src/registry/remote.js";
import { blobOf, bytesOf } from "../../src/registry/testing/remote.js";
import { startServer } from "../../src/server/server.js";
import { createMemoryCollection } from "../../src/store/memory.js";
import { pushImage } from "../../src/transfer/testing/images.js";
import { startFaultProxy } from "./fault-proxy.js";
/** Waits so short that a test of six tries takes no time. */
export const quick = {
  credentials: { find: async () => ({ kind: "anonymous" }) },
  environment: {},
  backoff: { base: 1, cap: 5 },
};
/** Starts our own server behind a proxy; everything ends with the test. */
export async function openStage(context, options = {}) {
  const collection = createMemoryCollection();
  const server = await startServer({ collection, port: 0, closeTimeout: 0 });
  context.after(async () => {
    await server.close();
    await collection.close();
  });
  const upstream = `127.0.0.1:${server.port}`;
  const stored = async (descriptor) =>
    bytesOf(await collection.repository("a/b").fetchBlob(descriptor));
  return { ...(await openProxy(context, upstream, options)), upstream, collection, stored };
}
/** Starts a proxy before a registry that runs already. */
export async function openProxy(context, upstream, options = {}) {
  const proxy = await startFaultProxy(upstream);
  context.after(() => proxy.close());
  return { proxy, repository: client(context, proxy.host, options).repository("a/b") };
}
/** A client that is closed with the test. */
export function client(context, host, options = {}) {
  const registry = connect(host, { ...quick, ...options });
  context.after(() => registry.close());
  return registry;
}
/** A folder that is removed with the test. */
export async function temporaryFolder(context) {
  const folder = await mkdtemp(join(tmpdir(), "wharf-faults-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
/** For `assert.rejects`: a {@link WharfError} with one of these codes, whose message is one line. */
export function failsWith(...codes) {
  return (error) => {
    if (!isError(error, ...codes) || /\n/.test(error.message)) throw error;
    return true;
  };
}
/** The offsets at every tenth of `size` bytes. */
export const tenths = (size) =>
  Array.from({ length: 9 }, (_, index) => Math.floor((size * (index + 1)) / 10));
/** Our own server with an image of one layer, 100,000 bytes, and what the layer's path looks like. */
export async function openImage(context) {
  const stage = await openStage(context);
  const layer = blobOf(100_000);
  const store = stage.collection.repository("a/b");
  const image = await pushImage(store, { tag: "latest", layers: [layer.bytes] });
  const path = new RegExp(`/blobs/${layer.descriptor.digest}$`);
  return { ...stage, image, layer: layer.descriptor, path };
}
