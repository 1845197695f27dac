/**
 * Reads every blob, each once however many repositories have it, and compares it with its digest.
 *
 * A blob that is damaged is worse than one that is missing: clients are told that it is here, so that nobody pushes it
 * again, and whoever pulls it fails. So its name is taken away, and the next push mends it; the bytes are set aside, for
 * whoever wants to see what happened to them. A manifest keeps its place, because tags lead to it, and pushing it again
 * replaces its bytes. Where another copy is good, it takes the place of the damaged one.
 */
import { linkSync, lutimesSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { interrupted, isError } from "../../../errors.ts";
import type { Cancellable } from "../../../http/bytes.ts";
import type { Digest } from "../../../reference/descriptor.ts";
import { parseDigest } from "../../../reference/digest.ts";
import { createDigester } from "../../digester.ts";
import { diskError, failedWith } from "../../disk/failure.ts";
import { createFolder } from "../../disk/files.ts";
import { announce } from "../../disk/steps.ts";
import type { Step } from "../../disk/steps.ts";
import { fileSource } from "../../sources.ts";
import { RepositoryRecords, repositoryNames } from "../records.ts";
import type { Premises } from "./collect.ts";
import { digestsIn, look } from "./files.ts";
import { pageSize } from "./sweep.ts";

/** Whether what is damaged is only told. */
export interface VerifyOptions extends Cancellable {
  /** Only finds out what is damaged. @default false */
  readonly dryRun?: boolean;
}

/** A blob or manifest whose bytes are not those of its digest. */
export interface Damage {
  readonly digest: Digest;
  readonly repository: string;
  readonly kind: "blob" | "manifest";
  /**
   * - `mended`: a good copy has taken its place
   * - `set aside`: it is not in the repository any more, and may be pushed again
   * - `left`: it is where it was, in a dry run, or since it is a manifest, which may be pushed again
   */
  readonly outcome: "mended" | "set aside" | "left";
}

/** What a reading of all bytes has found. */
export interface Verified {
  /** Blobs and manifests that were read, each once. */
  readonly blobs: number;
  /** Bytes that were read. */
  readonly bytes: number;
  readonly damaged: readonly Damage[];
}

/** What a run works with. */
interface Check {
  readonly premises: Premises;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  /** Files (inode numbers) that are damaged, though they were in the pool. */
  readonly bad: Set<number>;
  readonly damaged: Damage[];
  blobs: number;
  bytes: number;
}

export async function verifyContent(
  premises: Premises,
  { dryRun = false, signal }: VerifyOptions = {},
): Promise<Verified> {
  const { catalog } = premises;
  const check: Check = {
    premises,
    dryRun,
    signal,
    bad: new Set(),
    damaged: [],
    blobs: 0,
    bytes: 0,
  };
  await checkPool(check);
  for (let names = repositoryNames(catalog, ""); names.length > 0;) {
    for (const name of names) await checkRepository(check, name);
    names = repositoryNames(catalog, names.at(-1) ?? "");
  }
  const { blobs, bytes, damaged } = check;
  return { blobs, bytes, damaged };
}

async function checkPool(check: Check): Promise<void> {
  const { pool } = check.premises;
  for await (const page of digestsIn(pool.folder, pageSize)) {
    for (const digest of page) {
      const path = pool.path(digest);
      const found = look(path);
      if (found === undefined || (await isGood(check, path, digest))) continue;
      check.bad.add(found.ino);
      if (!check.dryRun) await setAside(check, { path, file: found.ino, digest });
    }
  }
}

async function checkRepository(check: Check, name: string): Promise<void> {
  const { catalog, pool, place } = check.premises;
  const { folder, blobs } = place(name);
  const records = new RepositoryRecords(catalog, name);
  for await (const page of digestsIn(join(folder, "blobs"), pageSize)) {
    for (const digest of page) {
      const path = blobs.path(digest);
      const found = look(path);
      if (found === undefined) continue;
      const shared = look(pool.path(digest));
      const isShared = shared?.ino === found.ino;
      if (isShared && !check.bad.has(found.ino)) continue;
      if (!check.bad.has(found.ino) && (await isGood(check, path, digest))) continue;

      const kind = records.find(digest) === undefined ? "blob" : "manifest";
      const damaged = { path, file: found.ino, digest };
      const remedy = async () => {
        if (shared !== undefined && !isShared) return mend(check, damaged);
        return kind === "blob" ? setAside(check, damaged) : "left";
      };
      const outcome = check.dryRun ? "left" : await remedy();
      check.damaged.push({ digest, repository: name, kind, outcome });
    }
  }
}

/** Whether the file has the bytes that its name promises; one that was removed meanwhile is nobody's concern. */
async function isGood(check: Check, path: string, digest: Digest): Promise<boolean> {
  const size = look(path)?.size;
  if (size === undefined) return true;
  const { signal } = check;
  const digester = createDigester(parseDigest(digest).algorithm, { size });
  try {
    const body = await fileSource(path).open(0, signal && { signal });
    for await (const chunk of body) {
      await digester.update(chunk);
      body.recycle?.(chunk);
    }
    check.blobs += 1;
    check.bytes += digester.size;
    return (await digester.digest()) === digest;
  } catch (error) {
    if (signal?.aborted) throw interrupted(signal);
    if (isError(error, "FILE_NOT_FOUND")) return true;
    // What the disk cannot read any more is damaged too; that we may not read it is another matter.
    if (failedWith(error, "EIO")) return false;
    throw diskError(error, path);
  } finally {
    digester.dispose();
  }
}

/** A name of a damaged file, and the file's number: under the same name there may be another by the time that we act. */
interface Damaged {
  readonly path: string;
  readonly file: number;
  readonly digest: Digest;
}

/** Takes the name away; the first one of a file leads to it from the folder of what was damaged. */
async function setAside(
  { premises }: Check,
  { path, file, digest }: Damaged,
): Promise<"set aside" | "mended"> {
  const { algorithm, encoded } = parseDigest(digest);
  const folder = join(premises.pool.folder, "..", "damaged", algorithm);
  await createFolder(folder);
  // While we write, nobody stores a manifest that needs the blob.
  return premises.catalog.write(() => {
    if (look(path)?.ino !== file) return "mended";
    const aside = join(folder, encoded);
    // To give a file a name that it has does nothing, and takes none away.
    if (look(aside)?.ino === file) attempt("remove", path, () => rmSync(path));
    else attempt("rename", aside, () => renameSync(path, aside));
    return "set aside";
  });
}

/** Puts the pool's copy, which is good, in the place of a damaged one. */
async function mend({ premises }: Check, { path, file, digest }: Damaged): Promise<"mended"> {
  const temporary = premises.temporary();
  const { catalog, pool } = premises;
  await catalog.write(() => {
    if (look(path)?.ino !== file) return;
    attempt("link", temporary, () => linkSync(pool.path(digest), temporary));
    // Who was told of the damaged one relies on this one from now on.
    const now = new Date(catalog.now());
    attempt("touch", temporary, () => lutimesSync(temporary, now, now));
    attempt("rename", path, () => renameSync(temporary, path));
  });
  return "mended";
}

function attempt(step: Step, path: string, work: () => void): void {
  try {
    announce(step, path);
    work();
  } catch (error) {
    throw diskError(error, path);
  }
}
