/** Files of regsync. Source: regclient's documentation, "regsync", configuration version 1. */
import { configError } from "../../config/fields.ts";
import { isError } from "../../errors.ts";
import type { YamlText } from "../document.ts";
import { fromGo } from "./expression.ts";
import { Fields } from "./fields.ts";
import { noteHost } from "./hosts.ts";
import { fillIn } from "./template.ts";
import { fromRegsync } from "./versions.ts";
import { Notes, type Translation, write, type WrittenEntry } from "./written.ts";

/** What `defaults` may say that is looked at, or makes no difference here. */
const defaultFields = new Set(
  (
    "backup interval schedule ratelimit parallel digestTags referrers referrerSlow fastCheck " +
    "forceRecursive includeExternal cacheCount cacheTime userAgent blobLimit skipDockerConfig"
  ).split(" "),
);

/** @throws WharfError CONFIG_INVALID for what makes no sense, or cannot be translated */
export function translateRegsync(yaml: YamlText): Translation {
  const top = new Fields(yaml, [], yaml.value);
  const notes = new Notes();
  const version = top.text("version");
  if (version !== undefined && version !== "1")
    throw configError(top.where("version"), `version ${version} is not known; 1 is`);
  for (const host of top.each("creds")) noteHost(host, notes);
  const defaults = top.fields("defaults");
  const parallel = defaults.text("parallel");
  if (parallel !== undefined && parallel !== "0") notes.add(`Run it with --jobs ${parallel}.`);
  const sync = top.each("sync").map((step) => translateStep(step, defaults, notes));
  if (sync.length === 0) throw configError(top.where(), "has no steps below `sync`");
  const strange = [
    ...top.others.filter((name) => !name.startsWith("x-")),
    ...defaults.names.filter((name) => !defaultFields.has(name)),
  ];
  for (const field of strange) notes.add(`${field} is left out: it has no counterpart.`);
  return { text: write({ sync }, "regsync", notes.all), notes: notes.all };
}

function translateStep(step: Fields, defaults: Fields, notes: Notes): WrittenEntry {
  try {
    return readStep(step, defaults, notes);
  } catch (error) {
    if (!isError(error) || error.code === "CONFIG_INVALID") throw error;
    throw configError(step.where(), error.message, error.hint);
  }
}

function readStep(step: Fields, defaults: Fields, notes: Notes): WrittenEntry {
  const either = (field: string) => step.text(field) ?? defaults.text(field);
  const flag = (field: string) => step.flag(field) ?? defaults.flag(field) ?? false;
  const type = step.text("type") ?? "";
  if (!["image", "repository", "registry"].includes(type))
    throw configError(step.where("type"), "type must be image, repository or registry");
  const source = fillIn(step.text("source") ?? "", { "Sync.Source": undefined });
  const target = fillIn(step.text("target") ?? "", { "Sync.Source": source, "Sync.Type": type });
  const repositories = step.fields("repos");
  const filter = {
    ...expressions("match", repositories.list("allow")),
    ...expressions("exclude", repositories.list("deny")),
  };
  const tags = type === "image" ? [] : readTags(step, notes);
  const platform = step.text("platform");
  const platforms = platform === undefined ? step.list("platforms") : [platform];
  if (platforms.length > 0 && platform === undefined)
    notes.add(
      "platforms: regsync keeps an index that names what was not copied; here it is an index of the platforms alone, which has another digest.",
    );
  noteSchedule(either("schedule"), either("interval"), notes);
  noteLimit(step, defaults, notes);
  const backup = either("backup");
  const referrers = readReferrers(type !== "image" && tags.length === 0, flag, notes);
  for (const field of step.others) notes.add(`${field} is left out: it has no counterpart.`);
  return {
    source: location(source, type),
    target: location(target, type),
    ...(type === "registry" && { type }),
    ...(Object.keys(filter).length > 0 && { repositories: filter }),
    ...(tags.length > 0 && { tags: tags.length === 1 ? tags[0] : tags }),
    ...(platforms.length > 0 && { platforms }),
    referrers,
    ...readBackup(backup, notes),
  };
}

/** `ocidir://DIR` is `oci:DIR`. An image without a tag is `latest`; the tag of a repository is not looked at. */
function location(text: string, type: string): string {
  const place = text.replace(/^ocidir:\/\//, "oci:");
  if (type === "registry") return place;
  const end = /(?<=[^/]):[\w.-]+$|@[\w+.-]+:[0-9a-f]+$/.exec(place.replace(/^oci:/, "    "));
  if (type === "image") return end ? place : `${place}:latest`;
  return end ? place.slice(0, end.index) : place;
}

function readTags(step: Fields, notes: Notes): NonNullable<WrittenEntry["tags"]>[] & object[] {
  const sets = step.each("tagSets");
  const own = step.fields("tags");
  const filters = [...sets, own].map((set) => {
    const ranges = set.list("semverRange").filter((range) => range !== "");
    const allow = set.list("allow");
    if (ranges.length > 0 && allow.length === 0)
      notes.add(
        "semverRange: regsync takes pre-releases too, and counts 1.25-alpine before 1.25; look at the plan with --dry-run.",
      );
    return {
      ...(ranges.length > 0 && { semver: ranges.map(fromRegsync).join(" || ") }),
      ...expressions("match", allow),
      ...expressions("exclude", set.list("deny")),
    };
  });
  return filters.filter((filter) => Object.keys(filter).length > 0);
}

/** regsync puts `^` before and `$` behind an expression, without parentheses: `a|b` is `^a|b$`. */
function expressions<Field extends "match" | "exclude">(field: Field, list: readonly string[]) {
  const found = list.map((expression) => fromGo(`^${expression}$`));
  if (found.length === 0) return {};
  return { [field]: found.length === 1 ? found[0] : found } as { [_ in Field]?: string | string[] };
}

function readReferrers(
  allTags: boolean,
  flag: (field: string) => boolean,
  notes: Notes,
): boolean | "always" {
  const [referrers, digestTags] = [flag("referrers"), flag("digestTags")];
  const fast = flag("fastCheck");
  flag("referrerSlow");
  if (flag("forceRecursive")) notes.add("forceRecursive is left out: it has no counterpart.");
  if (flag("includeExternal")) notes.add("includeExternal is left out: it has no counterpart.");
  if (referrers !== digestTags)
    notes.add("referrers and digestTags are one here: signatures go along of whichever kind.");
  if (referrers || digestTags) return fast ? true : "always";
  if (!allTags) return false;
  notes.add("Tags such as sha256-….sig go along with their images, not as images of their own.");
  return "always";
}

function readBackup(template: string | undefined, notes: Notes): { backup?: string } {
  if (template === undefined || template === "") return {};
  const backup = template
    .replaceAll(/\{\{\s*\.Ref\.Tag\s*\}\}/g, "{tag}")
    .replaceAll(/\{\{\s*time\.Now(?:\.UTC)?\.Format "20060102"\s*\}\}/g, "{date}");
  if (!/\{\{|[:/]/.test(backup)) return { backup };
  notes.add(`backup '${template}' is left out: only a tag of {tag}, {date} and {digest} is known.`);
  return {};
}

function noteSchedule(schedule: string | undefined, interval: string | undefined, notes: Notes) {
  if (interval !== undefined && interval !== "0")
    notes.add(`Run it with --every ${interval.replaceAll(/(?<=\d)m(?!s)/g, "min")}.`);
  else if (schedule !== undefined)
    notes.add(`The schedule '${schedule}' belongs into cron or a timer; or run it with --every.`);
}

function noteLimit(step: Fields, defaults: Fields, notes: Notes): void {
  const [own, general] = [step.fields("ratelimit"), defaults.fields("ratelimit")];
  const least = own.text("min") ?? general.text("min");
  if (least !== undefined && least !== "0") notes.add(`Run it with --keep-pulls ${least} --wait.`);
}
