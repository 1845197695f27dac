/**
 * A push is in the registry before Hub is told of it. Who is killed in between leaves a tag that only the registry has: the process
 * after that one compares the two. One that ended in good order, or had nothing pushed to it, costs the next nothing.
 */
import { findByPath, isHubPath } from "../repositories.ts";
import type { State } from "../state/state.ts";
import type { Content } from "./content.ts";
import type { Shelves } from "./shelves.ts";

const setting = "pushes";

/** To be called before the first push. */
export function expectPush(state: State): void {
  state.set(setting, "expected");
}

/** To be called at the end, when Hub knows of all pushes. */
export function expectNoPush(state: State): void {
  try {
    if (state.setting(setting) !== undefined) state.unset(setting);
  } catch {
    // On a full disk the next process compares once more.
  }
}

/** Tells Hub of the tags that only the registry has, or has with another digest, as if they were pushed now. */
export async function reconcile(state: State, shelves: Shelves, content: Content): Promise<void> {
  if (state.setting(setting) === undefined) return;
  for await (const path of shelves.listPlaced()) {
    if (!isHubPath(path)) continue;
    const known = digestsOf(state, path);
    const repository = shelves.bare(path);
    for await (const tag of repository.listTags()) {
      const { digest, mediaType } = await repository.resolve(tag);
      if (known.get(tag) === digest) continue;
      content.note({ action: "push", kind: "manifest", repository: path, digest, tag, mediaType });
    }
  }
  await content.settled();
  expectNoPush(state);
}

/** By tag. */
function digestsOf(state: State, path: string): ReadonlyMap<string, string> {
  const rows = state.all<{ name: string; digest: string }>(
    "SELECT name, digest FROM tags WHERE repository = ?",
    findByPath(state, path)?.id ?? 0,
  );
  return new Map(rows.map(({ name, digest }) => [name, digest]));
}
