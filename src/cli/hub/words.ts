/** How the fields of an operation are written on the command line, and read from it. */
import type { Argument, Flag } from "../command.ts";
import { globalFlags, type ParsedWords, usage } from "../flags.ts";
import { kebab } from "../../openapi/names.ts";
import type { Field, Outline } from "./outline.ts";

/** How an operation is called: what stands alone, and what follows a flag. */
export interface Spelling {
  readonly arguments: readonly Argument[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** The fields that each argument fills: two for NAMESPACE/REPOSITORY. */
  readonly positional: readonly (readonly Field[])[];
}

/** Required single values stand alone, in order; all else is a flag. Namespace and repository are one word. */
export function spellingOf({ id, fields }: Outline): Spelling {
  const positional: Field[][] = [];
  const flags: Record<string, Flag> = {};
  const partner = repositoryField(id, fields);
  for (const field of fields) {
    if (field === partner) continue;
    const alone = field.required && standsAlone(field);
    if (field.name === "namespace" && partner) positional.push([field, partner]);
    else if (alone) positional.push([field]);
    else flags[flagName(field)] = flagOf(field);
  }
  return { arguments: positional.map(argumentOf), flags, positional };
}

/** The field that is one word with the namespace. */
function repositoryField(id: string, fields: readonly Field[]): Field | undefined {
  if (!fields.some(({ name }) => name === "namespace")) return undefined;
  const name = id.startsWith("repositories.create") ? "name" : "repository";
  return fields.find((field) => field.name === name && field.required);
}

const standsAlone = ({ type }: Field): boolean =>
  type === undefined || type === "number" || type === "boolean";

const kebabField = (name: string): string => kebab(name).replaceAll("_", "-");

/** Flags that mean something for every operation: a field of that name is written with `api-` before it. */
const taken: ReadonlySet<string> = new Set([
  ...Object.keys(globalFlags),
  "all",
  "limit",
  "body",
  "dry-run",
  "fields",
  "yes",
  "show-secret",
  "secret-file",
  "output",
]);

/** The flag of a field, without its dashes. */
export function flagName({ name }: Pick<Field, "name">): string {
  const flag = kebabField(name);
  return taken.has(flag) ? `api-${flag}` : flag;
}

/** Fields that Docker Hub numbers and people name: the word may be either. */
const byName: Readonly<Record<string, Argument>> = {
  group_id: { name: "TEAM", about: "Name of the team, or its number" },
};

function argumentOf(fields: readonly Field[]): Argument {
  const [field] = fields;
  if (fields.length > 1)
    return {
      name: "NS/REPO",
      about: "Repository; without a slash, or as _/NAME, an official one",
      insteadBy: "body",
    };
  const { name, about, choices, type } = field!;
  const named = byName[name];
  if (named) return { ...named, insteadBy: "body" };
  const offered = type === "boolean" ? ["true", "false"] : choices;
  return {
    name: kebabField(name).toUpperCase(),
    about,
    insteadBy: "body",
    ...(offered && { choices: offered }),
  };
}

function flagOf({ name, about, type, choices, required }: Field): Flag {
  const asked = `${about}${required ? " (needed)" : ""}`;
  if (type === "boolean") return { about: asked, value: "BOOLEAN", choices: ["true", "false"] };
  if (type === "secret") return { about: asked, value: "@FILE|-" };
  if (type === "bytes") return { about: asked, value: "FILE" };
  if (type === "json") return { about: asked, value: "JSON|@FILE" };
  return {
    about: asked,
    value: type === "number" ? "N" : kebabField(name).toUpperCase(),
    ...(choices && { choices }),
    ...(type === "texts" && { repeated: true }),
  };
}

/** Fields whose values are not in the words themselves: they are read by the caller. */
export interface Deferred {
  readonly field: Field;
  /** What the word says: a path, @FILE, -, or a name. */
  readonly word: string;
  /** It is a name; Docker Hub has to be asked for the number. */
  readonly named?: true;
}

/**
 * The input that words say.
 * @throws WharfError USAGE for what is no number, no boolean, no JSON, or is said twice
 */
export function inputOf(
  spelling: Spelling,
  fields: readonly Field[],
  words: readonly string[],
  values: ParsedWords["values"],
): { readonly input: Record<string, unknown>; readonly deferred: readonly Deferred[] } {
  const input: Record<string, unknown> = {};
  const deferred: Deferred[] = [];
  spelling.positional.forEach((filled, at) => {
    const word = words[at];
    if (word === undefined) return;
    if (filled.length > 1) {
      const [namespace, name] = repositoryOf(word);
      input[filled[0]!.name] = namespace;
      input[filled[1]!.name] = name;
      return;
    }
    const field = filled[0]!;
    if (Object.hasOwn(byName, field.name) && !/^\d+$/.test(word))
      deferred.push({ field, word, named: true });
    else input[field.name] = valueOf(field, word, spelling.arguments[at]!.name);
  });
  for (const field of fields) {
    const flag = flagName(field);
    const value = values[flag];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (!Object.hasOwn(spelling.flags, flag)) continue;
    const text = Array.isArray(value) ? value : [String(value)];
    const reads = field.type === "secret" || field.type === "bytes" || text[0]?.startsWith("@");
    if (field.type === "texts") input[field.name] = text;
    else if (reads) deferred.push({ field, word: text[0]! });
    else input[field.name] = valueOf(field, text[0]!, `--${flag}`);
  }
  return { input, deferred };
}

/** @throws WharfError USAGE */
export function repositoryOf(word: string): [namespace: string, repository: string] {
  const parts = word.replace(/^docker\.io\//, "").split("/");
  const [first = "", second = ""] = parts.length === 1 ? ["library", parts[0]] : parts;
  if (parts.length > 2 || first === "" || second === "" || /[:@]/.test(second))
    throw usage(
      `'${word}' is no repository of Docker Hub`,
      "Write NAMESPACE/NAME, such as library/nginx.",
    );
  return [first === "_" ? "library" : first, second];
}

function valueOf({ type, choices }: Field, text: string, what: string): unknown {
  if (type === "number") {
    if (!/^-?\d{1,15}$/.test(text)) throw usage(`${what} is a number, not '${text}'`);
    return Number(text);
  }
  if (type === "boolean") {
    if (!/^(?:true|false)$/.test(text)) throw usage(`${what} is true or false, not '${text}'`);
    return text === "true";
  }
  if (type === "json") return jsonOf(text, what);
  if (choices && !choices.includes(text))
    throw usage(`${what} is one of ${choices.join(", ")}, not '${text}'`);
  return text;
}

/** @throws WharfError USAGE */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${what} is not JSON`, "Write it in quotes, or name a file: @FILE.");
  }
}
