/** Links of a page that is shown somewhere else than where it was written. Source: CommonMark 0.31, "Links", "Images". */

/**
 * Makes relative links of Markdown absolute; code, anchors and absolute links stay as they are.
 * @param links what a link begins with
 * @param pictures what a picture's address begins with
 */
export function absoluteLinks(markdown: string, links: URL, pictures: URL): string {
  const lines = markdown.split("\n");
  const shown = labelsOfPictures(lines);
  let fence: string | undefined;
  return lines
    .map((line) => {
      const [, mark = "", rest = ""] = fenceAt.exec(line) ?? [];
      if (fence === undefined && mark !== "" && !(mark[0] === "`" && rest.includes("`"))) {
        fence = mark;
        return line;
      }
      if (fence === undefined) return mendedLine(line, links, pictures, shown);
      if (mark.startsWith(fence) && rest.trim() === "") fence = undefined;
      return line;
    })
    .join("\n");
}

/** A fence of code, which may stand in a list or in a quotation; its end has at least as many marks as its beginning. */
const fenceAt = /^(?:[\s>]|[-*+] |\d{1,9}[.)] )*(`{3,}|~{3,})(.*)$/;

/** Labels by which pictures name a definition: `![alt][label]`, `![label][]`, `![label]`. */
function labelsOfPictures(lines: readonly string[]): ReadonlySet<string> {
  const labels = new Set<string>();
  for (const line of lines)
    for (const [, alt = "", label] of line.matchAll(
      /!\[([^[\]]{0,999})\](?:\[([^[\]]{0,999})\])?/g,
    ))
      labels.add(labelOf(label || alt));
  return labels;
}

const labelOf = (text: string) => text.trim().replaceAll(/\s+/g, " ").toLowerCase();

/** One line outside of blocks of code. Brackets are matched in one pass: a hostile page costs no more than another. */
function mendedLine(line: string, links: URL, pictures: URL, shown: ReadonlySet<string>): string {
  // A footnote looks like a definition, and is text.
  const definition = /^( {0,3}\[(?!\^)([^\]]+)\]:\s*<?)([^\s>]+)(.*)$/.exec(line);
  if (definition) {
    const [, before = "", label = "", address = "", after = ""] = definition;
    return before + absolute(address, shown.has(labelOf(label)) ? pictures : links) + after;
  }
  const open: boolean[] = [];
  let mended = "";
  for (let at = 0; at < line.length;) {
    const letter = line[at]!;
    if (letter === "`") {
      const end = endOfCode(line, at);
      mended += line.slice(at, end);
      at = end;
      continue;
    }
    if (letter === "\\") {
      mended += line.slice(at, at + 2);
      at += 2;
      continue;
    }
    if (letter === "[") open.push(line[at - 1] === "!");
    const picture = letter === "]" ? open.pop() : undefined;
    if (picture === undefined || line[at + 1] !== "(") {
      const tag = letter === "<" ? tagAt(line, at) : letter;
      mended += tag.length > 1 ? mendedTag(tag, links, pictures) : letter;
      at += tag.length;
      continue;
    }
    const target = targetAt(line, at + 2);
    mended += `](${target.before}${absolute(target.address, picture ? pictures : links)}`;
    at = target.end;
  }
  return mended;
}

/** Where a piece of code ends that begins here; a lone backtick is a letter. */
function endOfCode(line: string, at: number): number {
  let length = 1;
  while (line[at + length] === "`") length += 1;
  const end = line.indexOf("`".repeat(length), at + length);
  return end < 0 ? at + length : end + length;
}

/** The address of a link, which begins here, perhaps in angle brackets. */
function targetAt(line: string, start: number) {
  let at = start;
  while (line[at] === " ") at += 1;
  const angled = line[at] === "<";
  if (angled) at += 1;
  const stop = angled ? ">" : " )";
  let end = at;
  while (end < line.length && !stop.includes(line[end]!)) end += 1;
  return { before: line.slice(start, at), address: line.slice(at, end), end };
}

/** An HTML tag that begins here, or the bracket alone. */
function tagAt(line: string, at: number): string {
  if (!/^<(?:img|source|a)\s/i.test(line.slice(at, at + 8))) return "<";
  const end = line.indexOf(">", at);
  return end < 0 ? "<" : line.slice(at, end + 1);
}

function mendedTag(tag: string, links: URL, pictures: URL): string {
  const [field, base] = /^<a\s/i.test(tag) ? ["href", links] : ["src", pictures];
  return tag.replace(
    new RegExp(`(\\s${field}\\s*=\\s*)("[^"]*|'[^']*|[^\\s"'>]+)`, "i"),
    (_, before: string, value: string) => {
      const quote = /^["']/.exec(value)?.[0] ?? "";
      return before + quote + absolute(value.slice(quote.length), base as URL);
    },
  );
}

function absolute(address: string, base: URL): string {
  if (address === "" || /^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(address)) return address;
  // From the top of the repository, as GitHub reads it.
  const path = address.startsWith("/") ? address.slice(1) : address;
  return URL.canParse(path, base.href) ? new URL(path, base).href : address;
}
