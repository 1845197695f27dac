/** Bytes that are checked against their descriptor as they pass. */
import { WharfError } from "../errors.ts";
import type { Bytes } from "../http/bytes.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { createDigester } from "./digester.ts";
import { wrongBytes } from "./missing.ts";

export interface VerifiedOptions {
  /** Whose bytes these are, for messages. @default the digest */
  readonly subject?: string;
}

/**
 * Hands `body` on chunk by chunk, and ends only where size and digest are those of the descriptor; until then what was
 * handed on is not to be trusted. The chunk that would make the body too long is not handed on.
 *
 * @throws WharfError SIZE_MISMATCH as soon as there is too much, or at an end that comes too early; DIGEST_MISMATCH at the end
 *
 * @example
 * for await (const chunk of verified(descriptor, await store.fetchBlob(descriptor))) await file.write(chunk);
 */
export function verified(
  descriptor: Descriptor,
  body: Bytes,
  options: VerifiedOptions = {},
): Bytes {
  const chunks = check(descriptor, body, options.subject ?? descriptor.digest);
  if (body.recycle === undefined) return chunks;
  return {
    [Symbol.asyncIterator]: () => chunks,
    recycle: (chunk) => body.recycle?.(chunk),
  };
}

async function* check(
  { digest, size }: Descriptor,
  body: Bytes,
  subject: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester(parseDigest(digest).algorithm, { size });
  try {
    for await (const chunk of body) {
      if (digester.size + chunk.byteLength > size) {
        throw new WharfError("SIZE_MISMATCH", `${subject}: more than the ${size} bytes promised`);
      }
      const taken = digester.update(chunk);
      if (taken !== undefined) await taken;
      yield chunk;
    }
    if (digester.size !== size) {
      throw new WharfError(
        "SIZE_MISMATCH",
        `${subject}: ended after ${digester.size} of the ${size} bytes promised`,
      );
    }
    const actual = await digester.digest();
    if (actual !== digest) throw wrongBytes(subject, actual);
  } finally {
    digester.dispose();
  }
}
