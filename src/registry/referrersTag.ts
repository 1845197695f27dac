/** The tag that lists referrers where a registry does not: distribution-spec 1.1, "Referrers Tag Schema". */
import { isError } from "../errors.ts";
import { pause } from "../http/gate.ts";
import { type Descriptor, type Digest, mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { parseManifest, referrersTag } from "../reference/manifest.ts";
import type { Connection } from "./connection.ts";
import { fetchManifest, putManifest, removeManifest } from "./manifests.ts";

/** Gives back its argument where there is nothing to change. */
type Change = (entries: readonly Descriptor[]) => readonly Descriptor[];

/** Other writers may overwrite what we wrote; so often we write again. */
const rounds = 6;

/** Updates of one tag that are under way in this process: one after another. */
const queues = new WeakMap<Connection, Map<string, Promise<void>>>();

export async function readReferrersTag(
  connection: Connection,
  name: string,
  subject: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  return (await read(connection, name, referrersTag(subject), signal)).entries;
}

/** Changes the list, and looks afterwards whether the change has held against other writers. */
export async function updateReferrersTag(
  connection: Connection,
  name: string,
  subject: Digest,
  change: Change,
  signal?: AbortSignal,
): Promise<void> {
  const tag = referrersTag(subject);
  const queue = queues.get(connection) ?? new Map<string, Promise<void>>();
  queues.set(connection, queue);
  const key = `${name}:${tag}`;
  const turn = (queue.get(key) ?? Promise.resolve())
    .catch(() => {})
    .then(() => update(connection, name, tag, change, signal));
  queue.set(key, turn);
  try {
    await turn;
  } finally {
    if (queue.get(key) === turn) queue.delete(key);
  }
}

interface Listed {
  readonly entries: readonly Descriptor[];
  /** Of the index that the tag names. */
  readonly digest?: Digest;
}

async function update(
  connection: Connection,
  name: string,
  tag: string,
  change: Change,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cancellable = signal ? { signal } : {};
  for (let round = 0; round < rounds; round += 1) {
    const { entries, digest } = await read(connection, name, tag, signal);
    const changed = change(entries);
    if (changed === entries) return;
    // So that writers who met once do not meet again.
    if (round > 0) await pause(Math.random() * 50 * 2 ** round, signal);
    if (changed.length === 0 && digest !== undefined) {
      const removed = await removeManifest(connection, name, digest, cancellable).then(
        () => true,
        (error: unknown) => {
          if (isError(error, "MANIFEST_NOT_FOUND")) return true;
          if (isError(error, "UNSUPPORTED", "FORBIDDEN", "UNAUTHORIZED")) return false;
          throw error;
        },
      );
      if (removed) continue;
    }
    await putManifest(connection, name, indexOf(changed), { ...cancellable, tag });
  }
}

async function read(
  connection: Connection,
  name: string,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<Listed> {
  try {
    const { descriptor, bytes } = await fetchManifest(connection, name, tag, {
      ...(signal && { signal }),
    });
    const manifest = parseManifest(bytes, descriptor.mediaType);
    return {
      entries: manifest.kind === "index" ? manifest.manifests : [],
      digest: descriptor.digest,
    };
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return { entries: [] };
    throw error;
  }
}

function indexOf(manifests: readonly Descriptor[]) {
  const mediaType = mediaTypes.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
