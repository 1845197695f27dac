/** The file of rules: YAML (or JSON, which is YAML too), checked strictly; every complaint names line and field. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";

import { configError } from "../../../config/fields.ts";
import { nearest } from "../../../config/nearest.ts";
import { complainOfRepositories, complainOfTags } from "./pattern.ts";
import {
  type AccessRule,
  type ImmutableRule,
  type RuleAction,
  type RuleDocument,
  Rules,
} from "./rules.ts";

/** Rules of each kind; all are looked at for each request. */
const ruleLimit = 1000;

const actions: readonly RuleAction[] = ["pull", "push", "delete"];

/** @throws WharfError CONFIG_INVALID */
export function parseRules(text: string, path: string): Rules {
  return new Rules(readRules(text, path));
}

/** @throws WharfError CONFIG_INVALID */
export function readRules(text: string, path: string): RuleDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  const [error] = document.errors;
  if (error) {
    const [what = "is not YAML"] = error.message.split(/ at line |\n/);
    throw configError(`${path}:${lines.linePos(error.pos[0]).line}`, what);
  }
  const file: File = { path, lines, document };
  const top = readMap(file, document.contents, "", ["access", "immutable"]);
  if (top.size === 0)
    throw configError(path, "holds no rules; access and immutable may be in it", hint);
  return {
    ...(top.has("access") && { access: readList(file, top.get("access"), "access", readAccess) }),
    ...(top.has("immutable") && {
      immutable: readList(file, top.get("immutable"), "immutable", readImmutable),
    }),
  };
}

interface File {
  readonly path: string;
  readonly lines: LineCounter;
  readonly document: Document;
}

type Content = Node | null | undefined;

function readAccess(file: File, node: Content, field: string): AccessRule {
  const fields = readMap(file, node, field, ["repositories", "who", "may"]);
  const required = (name: string) => {
    if (!fields.has(name)) throw complaint(file, node, field, `needs ${name}`);
    return fields.get(name);
  };
  return {
    repositories: readTexts(file, required("repositories"), `${field}.repositories`, {
      complain: complainOfRepositories,
      patterns: true,
    }),
    who: readTexts(file, required("who"), `${field}.who`, { complain: complainOfUser }),
    may: readActions(file, required("may"), `${field}.may`),
  };
}

function readImmutable(file: File, node: Content, field: string): ImmutableRule {
  const fields = readMap(file, node, field, ["repositories", "tags"]);
  if (!fields.has("tags")) throw complaint(file, node, field, "needs tags");
  const repositories = fields.has("repositories")
    ? readTexts(file, fields.get("repositories"), `${field}.repositories`, {
        complain: (text) =>
          text.includes("{") ? "must not depend on the user" : complainOfRepositories(text),
        patterns: true,
      })
    : ["**"];
  const tags = readTexts(file, fields.get("tags"), `${field}.tags`, {
    complain: complainOfTags,
    patterns: true,
  });
  return { repositories, tags };
}

function readActions(file: File, node: Content, field: string): readonly RuleAction[] {
  const words = readTexts(file, node, field, {
    complain: (text) => {
      if (text === "all" || (actions as readonly string[]).includes(text)) return undefined;
      return `must be pull, push, delete or all${suggestion(text, [...actions, "all"])}`;
    },
  });
  return words.includes("all") ? actions : (words as readonly RuleAction[]);
}

function complainOfUser(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.includes("*"))
    return "must be the name of a user, authenticated (all who sign in) or anonymous (everybody)";
  return undefined;
}

interface Texts {
  /** Says what is wrong with one of them. */
  complain(text: string): string | undefined;
  /** Whether those that begin with `!` take away from the others, so that there must be others. */
  readonly patterns?: boolean;
}

/** One text, or a list of them. */
function readTexts(
  file: File,
  node: Content,
  field: string,
  { complain, patterns = false }: Texts,
): readonly string[] {
  const content = resolved(file, node);
  const items = isSeq(content) ? (content.items as Node[]) : [content];
  if (items.length === 0) throw complaint(file, node, field, "is empty");
  const texts = items.map((written, index) => {
    const item = resolved(file, written);
    const where = isSeq(content) ? `${field}[${index}]` : field;
    const value = isScalar(item) ? item.value : undefined;
    if (typeof value !== "string")
      throw complaint(file, item ?? node, where, "must be text; numbers need quotes");
    const wrong = complain(value);
    if (wrong !== undefined)
      throw complaint(file, item, where, `${JSON.stringify(value)} ${wrong}`);
    return value;
  });
  if (patterns && texts.every((text) => text.startsWith("!")))
    throw complaint(
      file,
      node,
      field,
      "only takes away; put what it takes from before, such as **",
    );
  return texts;
}

function readList<Item>(
  file: File,
  node: Content,
  field: string,
  read: (file: File, node: Content, field: string) => Item,
): readonly Item[] {
  const content = resolved(file, node);
  if (!isSeq(content)) throw complaint(file, node, field, "must be a list of rules");
  if (content.items.length > ruleLimit)
    throw complaint(file, node, field, `has more than ${ruleLimit} rules`);
  return content.items.map((item, index) => read(file, item as Node, `${field}[${index}]`));
}

function readMap(
  file: File,
  node: Content,
  field: string,
  known: readonly string[],
): ReadonlyMap<string, Content> {
  const content = resolved(file, node);
  if (!isMap(content)) throw complaint(file, node, field, `must be a map of ${known.join(", ")}`);
  const found = new Map<string, Content>();
  for (const { key, value } of content.items) {
    const name = String(isScalar(key) ? key.value : key);
    if (!known.includes(name))
      throw complaint(
        file,
        key as Node,
        field,
        `${JSON.stringify(name)} is not known; ${known.join(", ")} are${suggestion(name, known)}`,
      );
    found.set(name, value as Content);
  }
  return found;
}

function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `. Did you mean ${near}?`;
}

function resolved(file: File, node: Content): Content {
  return isAlias(node) ? node.resolve(file.document) : node;
}

function complaint({ path, lines }: File, node: Content, field: string, why: string) {
  const place = node?.range ? `${path}:${lines.linePos(node.range[0]).line}` : path;
  return configError(field === "" ? place : `${place}: ${field}`, why, hint);
}

const hint = "docs/registry-server.md shows a file of rules.";
