/** Bytes on their way to a file or to standard output. */
import { randomBytes } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { interrupted, WharfError } from "../errors.ts";
import { diskError } from "../store/disk/failure.ts";
import { FileWriter } from "../store/disk/fileWriter.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";

/** Whether a terminal shows it as it is: it could set the colours, the title or worse. */
const isText = (chunk: Uint8Array): boolean =>
  chunk.every((byte) => (byte >= 0x20 ? byte !== 0x7f : [9, 10, 13].includes(byte)));

/**
 * Writes to standard output, waiting while its reader is slow.
 * @param what the bytes are, for messages
 * @throws WharfError USAGE for what is no text, if a terminal would show it
 */
export async function writeToOutput(
  { output }: Pick<Call, "output">,
  bytes: AsyncIterable<Uint8Array>,
  what: string,
): Promise<void> {
  for await (const chunk of bytes) {
    if (output.stdout.isTTY && !isText(chunk)) {
      const hint = "Write it to a file with --output FILE, or pipe it on.";
      throw usage(`${what} is no text and would garble the terminal`, hint);
    }
    await output.write(chunk);
  }
}

/**
 * Writes a file. It gets its name when it is whole: a file that is there is replaced then, or not at all. A pipe or device
 * is written to as it is.
 * @throws WharfError FILE_FAILED, DISK_FULL, INTERRUPTED, and what the bytes throw
 */
export async function writeToFile(
  { signal }: Pick<Call, "signal">,
  bytes: AsyncIterable<Uint8Array>,
  file: string,
): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const known = await stat(target).catch(() => undefined);
  if (known?.isDirectory()) {
    throw new WharfError("FILE_FAILED", `${file} is a folder`, { hint: "Name a file in it." });
  }
  const isPlain = known === undefined || known.isFile();
  const name = `.${basename(target)}.${randomBytes(6).toString("hex")}.part`;
  const path = isPlain ? join(dirname(target), name) : target;
  const handle = await open(path, isPlain ? "wx" : "w").catch((error: unknown) => {
    throw diskError(error, file);
  });
  try {
    const writer = new FileWriter(handle, file, { durable: false });
    for await (const chunk of bytes) {
      if (signal.aborted) throw interrupted(signal);
      // A pipe has no places to write to.
      const written = isPlain ? writer.write(chunk) : handle.writeFile(chunk);
      if (written !== undefined) await written;
    }
    await writer.flush();
    if (isPlain) await rename(path, target);
  } catch (error) {
    if (isPlain) await rm(path, { force: true });
    throw diskError(error, file);
  } finally {
    await handle.close();
  }
}
