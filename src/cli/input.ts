/** Reads a small file or standard input whole. */
import { addAbortSignal } from "node:stream";
import { interrupted, WharfError } from "../errors.ts";
import type { Call } from "./call.ts";

/**
 * @param file `-` is standard input
 * @param limit bytes
 * @throws WharfError MANIFEST_TOO_LARGE, INTERRUPTED
 */
export async function readInput(
  call: Pick<Call, "stdin" | "signal">,
  file: string,
  limit: number,
): Promise<Uint8Array> {
  const { createReadStream } = await import("node:fs");
  const { signal } = call;
  const stream = addAbortSignal(signal, file === "-" ? call.stdin : createReadStream(file));
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      size += piece.byteLength;
      if (size > limit)
        throw new WharfError(
          "MANIFEST_TOO_LARGE",
          `${file === "-" ? "Standard input" : file} is larger than ${limit} bytes`,
        );
    }
  } catch (error) {
    throw signal.aborted ? interrupted(signal) : error;
  }
  return Buffer.concat(pieces);
}
