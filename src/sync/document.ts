/** YAML as plain values, and where in the text each of them stands. */
import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, visit } from "yaml";
import { Lexer, LineCounter, parseDocument, Parser } from "yaml";
import type { Document, Node, Pair } from "yaml";

import { configError } from "../config/fields.ts";

/** Bytes. A thousand entries take some 200 KB; a wrong path to an archive shall not hang us. */
export const fileLimit = 4 << 20;

/** Lists and maps within one another. */
const depthLimit = 100;

/** Fields of a map. */
const widthLimit = 10_000;

/** Values, where each alias counts as all that it stands for. */
const valueLimit = 1_000_000;

/** Where something stands in a value: names of fields, places in lists. */
export type Path = readonly PropertyKey[];

export interface YamlText {
  readonly value: unknown;
  /** `FILE:LINE`, of the value at the path, or of the nearest one above it that is written. */
  where(path: Path): string;
  /** The line of it. */
  line(path: Path): number;
}

export interface ReadOptions {
  /** Fields whose values stay as they are written: `3.10` is no number there. */
  readonly verbatim?: ReadonlySet<string>;
  /** Every value stays as it is written. */
  readonly strings?: boolean;
}

/**
 * Reads YAML 1.2, with anchors and merge keys (`<<`).
 * @param name of the file, for messages
 * @throws WharfError CONFIG_INVALID
 */
export function readYaml(
  text: string,
  name: string,
  { verbatim = new Set(), strings = false }: ReadOptions = {},
): YamlText {
  if (text.length > fileLimit) throw configError(name, `has more than ${fileLimit} bytes`);
  checkShape(text, name);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    logLevel: "error",
    ...(strings && { schema: "failsafe" }),
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const several = error.code === "MULTIPLE_DOCS" && "a second document begins here; one is meant";
    throw configError(`${name}:${line}:${col}`, several || error.message);
  }
  checkAliases(document, name);
  keepWritten(document, verbatim);
  const line = (path: Path) => lines.linePos(startOf(document, path)).line;
  return { value: plain(document, name), where: (path) => `${name}:${line(path)}`, line };
}

/** Before anything is made of it: what is deep takes the square of its depth, and so does a map of its width. */
function checkShape(text: string, name: string): void {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const refuse = (what: string) => {
    throw configError(`${name}:${lines.linePos(parser.offset).line}`, what);
  };
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    const { stack } = parser;
    // The document is one of them, and so may be a scalar.
    if (stack.length > depthLimit + 2) refuse(`has more than ${depthLimit} levels`);
    const top = stack.at(-1);
    const isMap =
      top?.type === "block-map" ||
      (top?.type === "flow-collection" && top.start.type === "flow-map-start");
    if (isMap && top.items.length > widthLimit)
      refuse(`has a map of more than ${widthLimit} fields`);
  }
}

/** Few anchors are used often; a file that multiplies itself is none of ours. */
function checkAliases(document: Document, name: string): void {
  const anchors = new Map<string, number | undefined>();
  const count = (node: unknown): number => {
    if (isAlias(node)) {
      const known = anchors.get(node.source);
      if (known !== undefined) return known;
      const why = anchors.has(node.source) ? "stands for what it is a part of" : "is no anchor";
      throw configError(name, `the alias *${node.source} ${why}`);
    }
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
    if (anchor !== undefined) anchors.set(anchor, undefined);
    let sum = 1;
    if (isCollection(node))
      for (const item of node.items)
        sum += isPair(item) ? count(item.key) + count(item.value) : count(item);
    if (sum > valueLimit)
      throw configError(name, `has more than ${valueLimit} values, as its aliases multiply them`);
    if (anchor !== undefined) anchors.set(anchor, sum);
    return sum;
  };
  count(document.contents);
}

function plain(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: -1 });
  } catch (cause) {
    throw configError(name, (cause as Error).message);
  }
}

/** Gives scalars below the fields back the text that they were written with. */
function keepWritten(document: Document, fields: ReadonlySet<string>): void {
  visit(document, {
    Scalar(_, node, path) {
      const pair = path.findLast((above): above is Pair => "key" in above && "value" in above);
      if (pair?.key === node || !isScalar(pair?.key)) return;
      if (!fields.has(String(pair.key.value))) return;
      if (typeof node.value !== "string" && node.value !== null && node.source !== undefined) {
        node.value = node.source;
      }
    },
  });
}

function startOf(document: Document, path: Path): number {
  let node = document.contents as Node | null;
  let start = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      // What a merge brought in stands elsewhere; the map is near enough.
      if (pair === undefined) break;
      start = (pair.key as Node).range?.[0] ?? start;
      node = pair.value as Node | null;
    } else if (isSeq(node) && typeof step === "number") {
      node = (node.items[step] as Node | undefined) ?? null;
      start = node?.range?.[0] ?? start;
    } else break;
  }
  return start;
}
