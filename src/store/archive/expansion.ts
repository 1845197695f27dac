/** Decompression that stops where a few bytes become incredibly many. */
import { WharfError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";
import { decompressed } from "./compression.ts";

/** What decompressed bytes may come to: so much for each compressed byte, and so much in any case. */
export interface Expansion {
  readonly ratio: number;
  /** Bytes. */
  readonly free: number;
}

/** Programs and text shrink to a third or a tenth, logs to a thirtieth; what shrinks further and is large is there to fill the disk. */
const credible: Expansion = { ratio: 100, free: 1 << 30 };

export interface ExpansionOptions {
  /** @default a hundredfold and a GiB */
  readonly expansion?: Expansion;
  /** What to do about bytes that grow more than that. */
  readonly hint: string;
}

/**
 * Decompresses what is compressed, as long as there is not incredibly much of it; hands on what is not.
 * @param subject whose bytes these are, for messages
 * @throws WharfError ARCHIVE_TOO_LARGE; ARCHIVE_INVALID where it is damaged; UNSUPPORTED for bzip2 and xz
 */
export async function credibly(
  body: Bytes,
  subject: string,
  options: ExpansionOptions,
): Promise<Bytes> {
  let read = 0;
  const { compression, body: plain } = await decompressed(
    counted(body, (size) => (read += size)),
    subject,
  );
  return compression === "none" ? plain : bounded(plain, () => read, subject, options);
}

function counted(body: Bytes, count: (size: number) => void): Bytes {
  return {
    recycle: (chunk) => body.recycle?.(chunk),
    async *[Symbol.asyncIterator]() {
      for await (const chunk of body) {
        count(chunk.byteLength);
        yield chunk;
      }
    },
  };
}

/** @param read bytes that it was decompressed from so far */
async function* bounded(
  plain: Bytes,
  read: () => number,
  subject: string,
  { expansion: { ratio, free } = credible, hint }: ExpansionOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of plain) {
    size += chunk.byteLength;
    if (size > free + ratio * read()) {
      throw new WharfError(
        "ARCHIVE_TOO_LARGE",
        `${subject}: its ${read()} compressed bytes become more than ${size}, which is not credible`,
        { hint },
      );
    }
    yield chunk;
  }
}
