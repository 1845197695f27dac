/** Reads a seed file: strict, with messages that name the line and the field, and what was perhaps meant. */
import { configError } from "../../config/fields.ts";
import { complain } from "../../sync/complaint.ts";
import { type Path, readYaml, type YamlText } from "../../sync/document.ts";
import { contradictionIn } from "./contradiction.ts";
import { jsonSchema, type Seed, seedSchema } from "./schema.ts";

/** Values of these are text, however much they look like numbers. */
const verbatim = new Set(
  ["name", "tags", "password", "token", "text", "label", "pushed", "created"].concat([
    "joined",
    "at",
    "by",
  ]),
);

/**
 * Reads a seed.
 * @param text YAML or JSON; docs/sandbox.md has the format
 * @param name of the file, for messages
 * @throws WharfError CONFIG_INVALID, which names file, line and field
 */
export function readSeed(text: string, name = "seed"): Seed {
  const yaml = readYaml(text, name, { verbatim });
  return check(withoutExtensions(yaml.value), yaml.where);
}

/** Holds a seed that a program has made against the same rules. @throws WharfError CONFIG_INVALID */
export function checkSeed(seed: unknown): Seed {
  return check(seed, () => "seed");
}

function check(value: unknown, where: YamlText["where"]): Seed {
  const checked = seedSchema.safeParse(value);
  if (!checked.success) {
    const { path, message, hint } = complain(checked.error.issues, value, jsonSchema());
    throw configError(where(path), message, hint);
  }
  const wrong = contradictionIn(checked.data);
  if (wrong) throw configError(where(wrong.path as Path), wrong.message, wrong.hint);
  return checked.data;
}

/** Fields `x-…` at the top hold anchors. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value ?? {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
}
