/** What the source names and what the target has: all that a copy with nothing to do needs to know. */
import { isError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import type { Loaded, Run } from "./session.ts";

/** What is to be copied. */
export interface Root {
  readonly descriptor: Descriptor;
  /** The manifest, where finding the root needed it. */
  readonly loaded?: Loaded;
  /** The index of which only a part is copied. */
  readonly whole?: Descriptor;
}

export interface Comparison {
  readonly root: Root;
  readonly tags: readonly string[];
  /** Those of the tags that name something else in the target, or nothing. */
  readonly missing: readonly string[];
}

/** Finds what `reference` names at the source. @throws WharfError MANIFEST_NOT_FOUND */
export async function findRoot({ session, batch }: Run, reference: string): Promise<Root> {
  const descriptor = await session.slots.run(session.reading, batch, () =>
    session.source.resolve(reference, { signal: batch.signal }),
  );
  return { descriptor };
}

/** Asks both sides at the same time. */
export async function compare(
  run: Run,
  finding: Promise<Root>,
  tags: readonly string[],
): Promise<Comparison> {
  let root!: Root;
  const heads = new Map<string, Descriptor | undefined>();
  await run.batch.all([
    finding.then((found) => void (root = found)),
    ...tags.map(async (tag) => heads.set(tag, await find(run, tag))),
  ]);
  const missing = tags.filter((tag) => heads.get(tag)?.digest !== root.descriptor.digest);
  return { root, tags, missing };
}

/** Whether the target has the manifest; not known to have it where the question is not worth its price. */
export async function isPresent(run: Run, { digest }: Descriptor): Promise<boolean> {
  const { session } = run;
  if (run.made.has(digest)) return (await find(run, digest)) !== undefined;
  if (session.same || session.manifests.has(digest)) return true;
  if (!session.manifestPresence.worthAsking(0)) return false;
  const found = await find(run, digest);
  session.manifestPresence.learn(found !== undefined);
  return found !== undefined;
}

/** What the target has under a tag or digest. */
export async function find({ session, batch }: Run, reference: string) {
  try {
    return await session.slots.run(session.writing, batch, () =>
      session.target.resolve(reference, { signal: batch.signal }),
    );
  } catch (error) {
    if (isError(error, "REPOSITORY_NOT_FOUND")) {
      session.manifestPresence.expectNothing();
      session.blobPresence.expectNothing();
      return undefined;
    }
    if (isError(error, "MANIFEST_NOT_FOUND")) return undefined;
    throw error;
  }
}
