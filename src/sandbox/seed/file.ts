/** Reads a seed file: strict, with messages that name the line and the field, and what was perhaps meant. */
import { configError } from "../../config/fields.ts";
import { WharfError } from "../../errors.ts";
import { type Complaint, complaints } from "../../sync/complaint.ts";
import { readYaml, type YamlText } from "../../sync/document.ts";
import { contradictionsIn } from "./contradiction.ts";
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
 * @param text YAML or JSON; docs/sandbox-seeds.md has the format
 * @param name of the file, for messages
 * @throws WharfError CONFIG_INVALID, which names file, line and field of each mistake, a line each
 */
export function readSeed(text: string, name = "seed"): Seed {
  const yaml = readYaml(text, name, { verbatim });
  return check(withoutExtensions(yaml.value), yaml);
}

/** Holds a seed that a program has made against the same rules. @throws WharfError CONFIG_INVALID */
export function checkSeed(seed: unknown): Seed {
  return check(seed, { where: () => "seed", line: () => 0 });
}

type Places = Pick<YamlText, "where" | "line">;

/** So many mistakes are told at once. */
const most = 20;

function check(value: unknown, places: Places): Seed {
  const checked = seedSchema.safeParse(value);
  if (!checked.success)
    throw refusal(
      complaints(checked.error.issues.slice(0, 10 * most), value, jsonSchema()),
      places,
    );
  // Names are looked up where everything has its form: else one slip would be told many times.
  const mistakes: Complaint[] = [];
  for (const mistake of contradictionsIn(checked.data)) if (mistakes.push(mistake) > most) break;
  if (mistakes.length > 0) throw refusal(mistakes, places);
  return checked.data;
}

function refusal(mistakes: readonly Complaint[], { where, line }: Places): WharfError {
  const [only, another] = mistakes;
  if (only !== undefined && another === undefined)
    return configError(where(only.path), only.message, only.hint);
  const lines = mistakes
    .slice(0, most)
    .toSorted((one, other) => line(one.path) - line(other.path))
    .map(
      ({ path, message, hint }) =>
        `${where(path)}: ${hint === undefined ? message : `${message}. ${hint}`}`,
    );
  const count = mistakes.length > most ? `The first ${most} mistakes` : `${lines.length} mistakes`;
  const hint = `${count}; docs/sandbox-seeds.md has the format.`;
  return new WharfError("CONFIG_INVALID", lines.join("\n"), { hint });
}

/** Fields `x-…` at the top hold anchors. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value ?? {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
}
