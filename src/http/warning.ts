/** What a registry wants its users to know (distribution-spec 1.1, "Warnings"). */
import type { HttpHeaders } from "./http.ts";
import { printable } from "./printable.ts";

/** The texts of `Warning: 299 - "…"` fields; others are not meant for people. */
export function warningTexts(headers: HttpHeaders): string[] {
  const texts: string[] = [];
  for (const line of headers.getAll("warning")) {
    for (const match of line.matchAll(/(?:^|,)\s*299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const text = printable((match[1] ?? "").replace(/\\(.)/g, "$1"), 1000);
      if (text !== "") texts.push(text);
    }
  }
  return texts;
}
