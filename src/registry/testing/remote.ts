/** What tests of this room begin with. */
import { randomBytes } from "node:crypto";

import type { Descriptor } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { connect, type ConnectOptions } from "../remote.ts";
import type { RemoteRepository } from "../repository.ts";

/** Connects without credentials, and with waits so short that tests of repeats are fast. */
export function connectForTest(host: string, options: ConnectOptions = {}) {
  return connect(host, {
    credentials: { find: async () => ({ kind: "anonymous" }) },
    backoff: { base: 1, cap: 5 },
    environment: {},
    ...options,
  });
}

/** The repository `a/b` of a registry. */
export function repositoryForTest(host: string, options?: ConnectOptions): RemoteRepository {
  return connectForTest(host, options).repository("a/b");
}

export interface TestBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** Bytes that no other test has. */
export function blobOf(size: number): TestBlob {
  const bytes = randomBytes(size);
  return {
    bytes,
    descriptor: { mediaType: "application/octet-stream", digest: digestOf(bytes), size },
  };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Reads all bytes; chunks are copied, as they may serve again. */
export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}
