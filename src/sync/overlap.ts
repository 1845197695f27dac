/** Entries that write to the same place, and would undo each other's work. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";

import { configError } from "../config/fields.ts";
import { nameOf, type RegistryPlace, type RepositoryPlace, type SyncEntry } from "./entry.ts";

/** @throws WharfError CONFIG_INVALID */
export function checkOverlaps(entries: readonly SyncEntry[]): void {
  const images = new Map<string, SyncEntry>();
  for (const entry of entries) {
    if (entry.type !== "image" || entry.tag === undefined) continue;
    const name = nameOf(found(entry.target), { tag: entry.tag });
    const other = images.get(name);
    if (other !== undefined) throw configError(entry.where, `${other.where} writes ${name} too`);
    images.set(name, entry);
  }
  for (const entry of entries) {
    if (entry.prune === undefined || entry.type === "image") continue;
    if (nameOf(found(entry.source)) === nameOf(found(entry.target))) {
      throw configError(
        entry.where,
        `prune would delete from its own source, ${nameOf(entry.source)}`,
        "Delete tags of one repository with `wharf prune`.",
      );
    }
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
  const [left, right] = [found(a.target), found(b.target)];
  if (left.transport !== "docker" || right.transport !== "docker") {
    if (left.transport === "docker" || right.transport === "docker") return false;
    if (left.path === right.path) return true;
    // A registry's data directory has a layout for each repository.
    return [left, right].some(
      (one, at, both) =>
        one.transport === "data" && both[1 - at]!.path.startsWith(`${one.path}${sep}`),
    );
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

/** A place with the one path that its folder has, however it was written. */
function found<Place extends RepositoryPlace | RegistryPlace>(place: Place): Place {
  return place.transport === "docker" ? place : { ...place, path: realPath(place.path) };
}

/** As many links as Linux follows (path_resolution(7)). */
const mostLinks = 40;

/** With all symbolic links followed, also where some or all of it is still to be made. */
function realPath(path: string, links = 0): string {
  const whole = resolve(path);
  try {
    return realpathSync.native(whole);
  } catch {
    const parent = dirname(whole);
    if (parent === whole || links > mostLinks) return whole;
    const target = linkTarget(whole);
    if (target !== undefined) return realPath(resolve(parent, target), links + 1);
    return join(realPath(parent, links), basename(whole));
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
