/** Other tags of a manifest, where a registry may take them away with one of them. */
import { isError, WharfError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import type { Cancellable, Manifest, Pusher, Resolver } from "../../store/store.ts";
import { each } from "../several.ts";

/** What was deleted just now, and what it named. */
export interface Deletion {
  readonly deleted: { readonly tag: string; readonly digest: Digest };
  readonly manifest: Manifest;
}

/**
 * Looks whether the siblings of a tag live, and puts back what is missing. Nothing interrupts it.
 * @param siblings tags that named the same manifest
 * @throws WharfError UNSUPPORTED where some were gone, with the names of those that could not be put back; what looking
 *   failed with, where nobody can tell
 */
export async function lookAfter(
  store: Resolver & Pick<Pusher, "pushManifest">,
  siblings: readonly string[],
  { deleted: { tag: deleted, digest }, manifest }: Deletion,
): Promise<void> {
  let blind: unknown;
  try {
    const found = await each(siblings, (tag) => digestUnder(store, tag));
    if (!found.includes(undefined)) return;
  } catch (error) {
    blind = error;
  }
  const gone: string[] = [];
  const lost: string[] = [];
  let reason: unknown;
  for (const tag of siblings) {
    // What names anything is none of our doing; where that cannot be seen it gets what it had.
    if ((await digestUnder(store, tag).catch(() => undefined)) !== undefined) continue;
    gone.push(tag);
    try {
      await store.pushManifest(manifest, { tag });
    } catch (error) {
      lost.push(tag);
      reason ??= error;
    }
  }
  if (gone.length === 0) return;
  const names = gone.join(", ");
  const what =
    blind === undefined
      ? `The registry deleted ${names} together with ${deleted}`
      : `${deleted} is deleted, and nobody can see whether ${names} went with it (${wordsOf(blind)})`;
  const back = blind === undefined ? "are back" : "were put back";
  const good = gone.filter((tag) => !lost.includes(tag)).join(", ");
  const ends = [
    ...(lost.length === 0 ? [`they ${back}`] : []),
    ...(lost.length > 0 && good !== "" ? [`${good} ${back}`] : []),
    ...(lost.length > 0 ? [`${lost.join(", ")} could not be put back (${wordsOf(reason)})`] : []),
    "and nothing more is deleted",
  ].join(", ");
  const again = `Push ${digest} again as ${lost.join(", ")}: copy it from where it came from.`;
  const rules = "It does not delete a tag alone: use rules that keep all tags of an image or none.";
  const hint = lost.length > 0 ? again : blind === undefined ? rules : undefined;
  throw new WharfError(isError(blind) ? blind.code : "UNSUPPORTED", `${what}; ${ends}`, {
    ...(hint !== undefined && { hint }),
    cause: blind ?? reason,
  });
}

/** What a tag names, or the digest itself; undefined where there is nothing. */
export async function digestUnder(
  store: Resolver,
  reference: string,
  options: Cancellable = {},
): Promise<Digest | undefined> {
  try {
    return (await store.resolve(reference, options)).digest;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
    throw error;
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
