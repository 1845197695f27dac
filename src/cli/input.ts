/** Reads a small file or standard input whole. */
import { WharfError } from "../errors.ts";

/** @param limit bytes */
export async function readInput(
  file: string,
  stdin: NodeJS.ReadStream,
  limit: number,
): Promise<Uint8Array> {
  const { createReadStream } = await import("node:fs");
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of file === "-" ? stdin : createReadStream(file)) {
    pieces.push(piece as Uint8Array);
    size += (piece as Uint8Array).length;
    if (size > limit)
      throw new WharfError(
        "MANIFEST_TOO_LARGE",
        `${file === "-" ? "Standard input" : file} is larger than ${limit} bytes`,
      );
  }
  return Buffer.concat(pieces);
}
