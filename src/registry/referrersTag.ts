/** The tag that lists referrers where a registry does not: distribution-spec 1.1, "Referrers Tag Schema". */
import { isError } from "../errors.ts";
import { pause } from "../http/gate.ts";
import { type Descriptor, type Digest, mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { parseManifest, referrersTag } from "../reference/manifest.ts";
import type { Cancellable, Manifest } from "../store/store.ts";
import type { Connection } from "./connection.ts";
import { fetchManifest, putManifest, removeManifest } from "./manifests.ts";

/** What is to be made of a list; gives back its argument where there is nothing to change. */
export type Change = (entries: readonly Descriptor[]) => readonly Descriptor[];

/** Another writer may overwrite what we wrote; so often we write again. */
const rounds = 8;
/** Milliseconds that we leave other writers, at most. */
const longestCourtesy = 1000;

interface Wish {
  readonly change: Change;
  readonly signal: AbortSignal | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

/** Wishes for each tag that wait while the update before them is under way. */
const waiting = new WeakMap<Connection, Map<string, Wish[]>>();

/** Lists the entries of the tag, none where it is not there. */
export async function readReferrersTag(
  connection: Connection,
  name: string,
  subject: Digest,
  options: Cancellable = {},
): Promise<readonly Descriptor[]> {
  return (await read(connection, name, referrersTag(subject), options)).entries;
}

/**
 * Changes the list. What several callers of this process want at once goes in one update. A registry knows no way to
 * change a tag only if it is as it was; therefore we look again a while later whether another process has undone it.
 */
export function updateReferrersTag(
  connection: Connection,
  name: string,
  subject: Digest,
  change: Change,
  { signal }: Cancellable = {},
): Promise<void> {
  const tag = referrersTag(subject);
  const key = `${name}:${tag}`;
  const tags = waiting.get(connection) ?? new Map<string, Wish[]>();
  waiting.set(connection, tags);
  const queue = tags.get(key);
  if (queue) {
    return new Promise((resolve, reject) => {
      queue.push({ change, signal, resolve, reject });
    });
  }
  return new Promise((resolve, reject) => {
    void serve([{ change, signal, resolve, reject }]);
  });

  async function serve(first: Wish[]): Promise<void> {
    for (let batch = first; batch.length > 0; batch = tags.get(key) ?? []) {
      tags.set(key, []);
      // Whoever gives up must not stop others.
      const alone = batch.length === 1 ? batch[0]?.signal : undefined;
      await fulfil(batch, (all) => update(connection, name, tag, all, alone && { signal: alone }));
    }
    tags.delete(key);
  }
}

async function fulfil(batch: readonly Wish[], work: (all: Change) => Promise<void>): Promise<void> {
  try {
    await work((entries) => batch.reduce((list, { change }) => change(list), entries));
    for (const { resolve } of batch) resolve();
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

async function update(
  connection: Connection,
  name: string,
  tag: string,
  change: Change,
  options: Cancellable = {},
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    const { entries, digest } = await read(connection, name, tag, options);
    const changed = change(entries);
    if (changed === entries) return;
    const emptied = changed.length === 0 && digest !== undefined;
    if (!emptied || !(await remove(connection, name, digest, options))) {
      await putManifest(connection, name, indexOf(changed), { ...options, tag });
    }
    // Who read before we wrote has written by then, and we see it.
    const courtesy = Math.min(longestCourtesy, 2 * (performance.now() - begun));
    await pause(courtesy * (1 + Math.random()), options.signal);
  }
}

/** @returns whether the tag is gone; else an empty list must do */
async function remove(
  connection: Connection,
  name: string,
  digest: Digest,
  options: Cancellable,
): Promise<boolean> {
  try {
    await removeManifest(connection, name, digest, options);
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return true;
    if (isError(error, "UNSUPPORTED", "FORBIDDEN", "UNAUTHORIZED")) return false;
    throw error;
  }
}

interface Listed {
  readonly entries: readonly Descriptor[];
  /** Of the index that the tag names. */
  readonly digest?: Digest;
}

async function read(
  connection: Connection,
  name: string,
  tag: string,
  options: Cancellable,
): Promise<Listed> {
  try {
    const { descriptor, bytes } = await fetchManifest(connection, name, tag, options);
    const manifest = parseManifest(bytes, descriptor.mediaType);
    const entries = manifest.kind === "index" ? manifest.manifests : [];
    return { entries, digest: descriptor.digest };
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return { entries: [] };
    throw error;
  }
}

function indexOf(manifests: readonly Descriptor[]): Manifest {
  const mediaType = mediaTypes.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
