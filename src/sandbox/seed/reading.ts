/** Reads what `--seed` names: a file of a seed, or a snapshot. */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";

import { WharfError } from "../../errors.ts";
import { diskError } from "../../store/disk/failure.ts";
import { isSnapshot } from "../snapshot/snapshot.ts";
import type { Seed } from "./schema.ts";

/** @param path a file; `-` is standard input @throws WharfError FILE_NOT_FOUND, FILE_FAILED, CONFIG_INVALID */
export async function readSeedFile(
  path: string,
): Promise<{ readonly seed: Seed | Uint8Array; readonly seedFolder: string }> {
  const bytes = await (path === "-" ? readInput() : readFile(path)).catch((error: unknown) => {
    const failure = error instanceof WharfError ? error : diskError(error, path);
    if (!["small", "large", "none"].includes(path) || failure.code !== "FILE_NOT_FOUND")
      throw failure;
    const hint =
      "It is the name of a file. Ours are chosen by --scale small, --scale large and --empty.";
    throw new WharfError("FILE_NOT_FOUND", failure.message, { hint, cause: error });
  });
  const seedFolder = path === "-" ? "" : dirname(path);
  if (isSnapshot(bytes)) return { seed: bytes, seedFolder };
  const { readSeed } = await import("./file.ts");
  const name = path === "-" ? "standard input" : path;
  return { seed: readSeed(Buffer.from(bytes).toString(), name), seedFolder };
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
