/** Entries that write to the same place, and would undo each other's work. */
import { configError } from "../config/fields.ts";
import { nameOf, type SyncEntry } from "./entry.ts";

/** @throws WharfError CONFIG_INVALID */
export function checkOverlaps(entries: readonly SyncEntry[]): void {
  const images = new Map<string, SyncEntry>();
  for (const entry of entries) {
    if (entry.type !== "image" || entry.tag === undefined) continue;
    const name = nameOf(entry.target, { tag: entry.tag });
    const other = images.get(name);
    if (other !== undefined) throw configError(entry.where, `${other.where} writes ${name} too`);
    images.set(name, entry);
  }
  for (const entry of entries) {
    if (entry.prune === undefined || entry.type === "image") continue;
    const other = entries.find((one) => one !== entry && overlap(one, entry));
    if (other === undefined) continue;
    throw configError(
      entry.where,
      `prune would delete what ${other.where} copies to ${nameOf(other.target)}`,
      "Give each a target of its own, or one entry with a list of filters.",
    );
  }
}

/** Whether the two may write to one repository. */
function overlap(a: SyncEntry, b: SyncEntry): boolean {
  const [left, right] = [a.target, b.target];
  if (left.transport !== "docker" || right.transport !== "docker") {
    if (left.transport === "docker" || right.transport === "docker") return false;
    return left.path === right.path;
  }
  if (left.registry !== right.registry) return false;
  const [mine, yours] = [rangeOf(left), rangeOf(right)];
  if (mine.whole && yours.whole)
    return mine.name.startsWith(yours.name) || yours.name.startsWith(mine.name);
  if (mine.whole) return yours.name.startsWith(mine.name);
  if (yours.whole) return mine.name.startsWith(yours.name);
  return mine.name === yours.name;
}

type Remote = Extract<SyncEntry["target"], { transport: "docker" }>;

/** A repository, or all whose names begin so. */
function rangeOf(place: Remote): { readonly name: string; readonly whole: boolean } {
  if ("repository" in place) return { name: place.repository, whole: false };
  return { name: place.prefix === "" ? "" : `${place.prefix}/`, whole: true };
}
