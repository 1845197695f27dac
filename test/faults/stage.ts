/** What tests of faults begin with: a registry, a proxy that breaks things before it, and a client. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { type ErrorCode, isError, type WharfError } from "../../src/errors.ts";
import type { Descriptor } from "../../src/reference/descriptor.ts";
import { connect, type ConnectOptions } from "../../src/registry/remote.ts";
import type { RemoteRepository } from "../../src/registry/repository.ts";
import { blobOf, bytesOf } from "../../src/registry/testing/remote.ts";
import { startServer } from "../../src/server/server.ts";
import { createMemoryCollection } from "../../src/store/memory.ts";
import type { RepositoryCollection } from "../../src/store/store.ts";
import { pushImage } from "../../src/transfer/testing/images.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

export interface Stage {
  readonly proxy: FaultProxy;
  /** `a/b` as our client sees it, through the proxy. */
  readonly repository: RemoteRepository;
  /** The registry's own address. */
  readonly upstream: string;
  /** What our own server serves; to look what really arrived. */
  readonly collection: RepositoryCollection;
  /** The bytes of a blob of `a/b` as the registry has them. */
  stored(descriptor: Descriptor): Promise<Buffer>;
}

const endings = new WeakMap<TestContext, (() => unknown)[]>();

/** Has something done when the test ends; what was begun last ends first. */
export function atEnd(context: TestContext, end: () => unknown): void {
  const known = endings.get(context);
  if (known) return void known.push(end);
  const mine = [end];
  endings.set(context, mine);
  context.after(async () => {
    for (const each of mine.toReversed()) await each();
  });
}

/** Waits so short that a test of six tries takes no time. */
export const quick: ConnectOptions = {
  credentials: { find: async () => ({ kind: "anonymous" }) },
  environment: {},
  backoff: { base: 1, cap: 5 },
};

/** Starts our own server behind a proxy; everything ends with the test. */
export async function openStage(
  context: TestContext,
  options: ConnectOptions = {},
): Promise<Stage> {
  const collection = createMemoryCollection();
  const server = await startServer({ collection, port: 0, closeTimeout: 0 });
  atEnd(context, async () => {
    await server.close();
    await collection.close();
  });
  const upstream = `127.0.0.1:${server.port}`;
  const stored = async (descriptor: Descriptor) =>
    bytesOf(await collection.repository("a/b").fetchBlob(descriptor));
  return { ...(await openProxy(context, upstream, options)), upstream, collection, stored };
}

/** Starts a proxy before a registry that runs already. */
export async function openProxy(
  context: TestContext,
  upstream: string,
  options: ConnectOptions = {},
) {
  const proxy = await startFaultProxy(upstream);
  atEnd(context, () => proxy.close());
  return { proxy, repository: client(context, proxy.host, options).repository("a/b") };
}

/** A client that is closed with the test. */
export function client(context: TestContext, host: string, options: ConnectOptions = {}) {
  const registry = connect(host, { ...quick, ...options });
  atEnd(context, () => registry.close());
  return registry;
}

/** A folder that is removed with the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-faults-"));
  atEnd(context, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** For `assert.rejects`: a {@link WharfError} with one of these codes, whose message is one line. */
export function failsWith(...codes: ErrorCode[]) {
  return (error: unknown): error is WharfError => {
    if (!isError(error, ...codes) || /\n/.test(error.message)) throw error;
    return true;
  };
}

/** The offsets at every tenth of `size` bytes. */
export const tenths = (size: number): number[] =>
  Array.from({ length: 9 }, (_, index) => Math.floor((size * (index + 1)) / 10));

/** Our own server with an image of one layer, 100,000 bytes, and what the layer's path looks like. */
export async function openImage(context: TestContext) {
  const stage = await openStage(context);
  const layer = blobOf(100_000);
  const store = stage.collection.repository("a/b");
  const image = await pushImage(store, { tag: "latest", layers: [layer.bytes] });
  const path = new RegExp(`/blobs/${layer.descriptor.digest}$`);
  return { ...stage, image, layer: layer.descriptor, path };
}
