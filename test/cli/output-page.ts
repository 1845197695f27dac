/** Reads docs/output.md: what it promises of each command's JSON. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export interface Field {
  /** `image.layers[]`, without the mark of what may be left out. */
  readonly path: string;
  readonly type: string;
  readonly optional: boolean;
}

export interface Section {
  /** `wharf copy`, `wharf copy/done` */
  readonly name: string;
  readonly fields: readonly Field[];
  /** Values of the examples in JSON. */
  readonly examples: readonly unknown[];
}

export function readOutputPage(): Section[] {
  const page = readFileSync(new URL("../../docs/output.md", import.meta.url), "utf8");
  let chapter = "";
  return page.split(/^(?=##+ )/m).flatMap((text) => {
    const [, level, title] = /^(##+) (.*)\n/.exec(text) ?? [];
    if (level === undefined) return [];
    if (level === "##") chapter = title!;
    const name = level === "##" ? title! : `${chapter}/${title}`;
    const rows = text.matchAll(/^\| `([^`]+?)(\?)?` +\| ([\w ]*?) +\|/gm);
    const fields = [...rows].map(([, path, mark, type]) => ({
      path: path!,
      type: type!,
      optional: mark !== undefined,
    }));
    const blocks = text.matchAll(/^```jsonl?\n(.*?)\n```$/gms);
    return fields.length === 0
      ? []
      : [{ name, fields, examples: [...blocks].map(([, json]) => JSON.parse(json!) as unknown) }];
  });
}

/** Insists that a value is what its section promises: no field besides, none missing, each of its type. */
export function checkValue(value: unknown, section: Section, sections: readonly Section[]): void {
  checkObject(value, section.name, rootOf(section.fields), sections);
}

/** Fields by name, with those below them. */
interface Tree {
  readonly type: string;
  readonly optional: boolean;
  readonly below: Map<string, Tree>;
}

function rootOf(fields: readonly Field[]): Map<string, Tree> {
  const root = new Map<string, Tree>();
  for (const { path, type, optional } of fields) {
    const parts = path.split(".").filter((part) => part !== "");
    let level = root;
    for (const [i, part] of parts.entries()) {
      const isLast = i === parts.length - 1;
      const known = level.get(part);
      const tree = known ?? {
        type: isLast ? type : "",
        optional: isLast && optional,
        below: new Map<string, Tree>(),
      };
      level.set(part, tree);
      level = tree.below;
    }
  }
  return root;
}

function checkObject(
  value: unknown,
  where: string,
  fields: Map<string, Tree>,
  sections: readonly Section[],
): void {
  assert.ok(typeof value === "object" && value !== null, where);
  const found = new Map<string, unknown>(Object.entries(value));
  for (const [name, tree] of fields) {
    const isList = name.endsWith("[]");
    const key = isList ? name.slice(0, -2) : name;
    const inner = found.get(key);
    found.delete(key);
    if (inner === undefined) {
      assert.ok(tree.optional, `${where}.${key} is promised, and missing`);
      continue;
    }
    assert.ok(!isList || Array.isArray(inner), `${where}.${key} is a list`);
    for (const item of isList ? (inner as unknown[]) : [inner])
      checkType(item, `${where}.${name}`, tree, sections);
  }
  assert.deepEqual([...found.keys()], [], `${where} has fields that docs/output.md does not name`);
}

function checkType(value: unknown, where: string, tree: Tree, sections: readonly Section[]): void {
  const { type, below } = tree;
  if (below.size > 0) return checkObject(value, where, below, sections);
  const strings = (list: unknown) =>
    Array.isArray(list) && list.every((item) => typeof item === "string");
  switch (type) {
    case "any":
      return;
    case "string":
    case "number":
    case "boolean":
      return assert.equal(typeof value, type, where);
    case "strings":
      return assert.ok(strings(value), where);
    case "map":
      return assert.ok(strings(Object.values(value as object)), where);
    case "objects":
      return assert.ok(Array.isArray(value), where);
    case "platform":
      return allowed(value, where, ["os", "architecture"], ["variant", "os.version"]);
    case "descriptor":
      return allowed(
        value,
        where,
        ["mediaType", "digest", "size"],
        ["platform", "annotations", "artifactType", "urls"],
      );
    case "attachment":
      return checkValue(
        value,
        sections.find(({ name }) => name === "wharf referrers")!,
        sections,
      );
    default:
      assert.fail(`${where}: docs/output.md says '${type}'`);
  }
}

function allowed(value: unknown, where: string, always: string[], perhaps: string[]): void {
  const keys = Object.keys(value as object);
  for (const key of always) assert.ok(keys.includes(key), `${where}.${key}`);
  for (const key of keys) assert.ok([...always, ...perhaps].includes(key), `${where}.${key}`);
}
