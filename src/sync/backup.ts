/** Tags that keep what was there before. */
import type { Digest } from "../reference/descriptor.ts";

const placeholder = /\{(tag|date|digest)\}/g;

export interface Overwritten {
  readonly tag: string;
  /** What it named. */
  readonly digest: Digest;
  readonly now: Date;
}

/**
 * Tags that may keep what another one named: the first of them that nothing else has. Where the pattern has no date there
 * is but one, which is moved.
 * @param pattern with `{tag}`, `{date}` (20261121, of later ones with the time) and `{digest}` (12 digits of it)
 */
export function backupTags(pattern: string, { tag, digest, now }: Overwritten): string[] {
  const [day, time] = now
    .toISOString()
    .replaceAll(/[-:.Z]/g, "")
    .split("T") as [string, string];
  const dates = [day, `${day}-${time.slice(0, 6)}`, `${day}-${time}`];
  const tags = dates.map((date) => {
    const values: Readonly<Record<string, string>> = {
      tag,
      date,
      digest: digest.slice(digest.indexOf(":") + 1).slice(0, 12),
    };
    return pattern.replaceAll(placeholder, (_, name: string) => values[name]!);
  });
  return [...new Set(tags)];
}

/** Whether a tag may be such a one: then nothing else deletes it. */
export function isBackup(pattern: string): (tag: string) => boolean {
  const parts = pattern.split(placeholder);
  const forms: Readonly<Record<string, string>> = {
    tag: "[\\w.-]+",
    date: "\\d{8}(?:-\\d{6}(?:\\d{3})?)?",
    digest: "[0-9a-f]{12}",
  };
  // split puts what stood in the parentheses at odd places.
  const source = parts.map((part, i) =>
    i % 2 === 1 ? forms[part] : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
  );
  const expression = new RegExp(`^${source.join("")}$`);
  return (tag) => expression.test(tag);
}
