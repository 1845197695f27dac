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
 * The tag that keeps what another one named.
 * @param pattern with `{tag}`, `{date}` (20261121) and `{digest}` (12 digits of it)
 */
export function backupTag(pattern: string, { tag, digest, now }: Overwritten): string {
  const values: Readonly<Record<string, string>> = {
    tag,
    date: now.toISOString().slice(0, 10).replaceAll("-", ""),
    digest: digest.slice(digest.indexOf(":") + 1).slice(0, 12),
  };
  return pattern.replaceAll(placeholder, (_, name: string) => values[name]!);
}

/** Whether a tag may be such a one: then nothing else deletes it. */
export function isBackup(pattern: string): (tag: string) => boolean {
  const parts = pattern.split(placeholder);
  const forms: Readonly<Record<string, string>> = {
    tag: "[\\w.-]+",
    date: "\\d{8}",
    digest: "[0-9a-f]{12}",
  };
  // split puts what stood in the parentheses at odd places.
  const source = parts.map((part, i) =>
    i % 2 === 1 ? forms[part] : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
  );
  const expression = new RegExp(`^${source.join("")}$`);
  return (tag) => expression.test(tag);
}
