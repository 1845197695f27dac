/** Makes src/cli/hub/operations.ts and src/cli/scout/operations.ts from the catalogues. */
import * as hub from "../src/hub/catalogue.ts";
import * as scout from "../src/scout/catalogue.ts";
import { kebab } from "../src/openapi/names.ts";
import { jsonSchema, type JsonSchema } from "../src/openapi/openapi.ts";
import { type Catalogue, type CatalogueEntry, entries } from "../src/operation.ts";
import type { Field, Outline } from "../src/cli/hub/outline.ts";

export const hubOutlines = () => outlinesOf(hub, "./outline.ts");

export const scoutOutlines = () => outlinesOf(scout, "../hub/outline.ts");

function outlinesOf(catalogue: Catalogue, types: string): string {
  const all = [...entries(catalogue)];
  const rows = all.map((entry) =>
    JSON.stringify(outlineOf(entry), (_, value: unknown) =>
      typeof value === "string" ? inCommands(value, entry.id) : value,
    ),
  );
  return `/** Made from the catalogue by \`npm run build\`. */
import type { Outline } from "${types}";

// One text, because reading JSON is faster than running a program that says the same.
export const outlines = JSON.parse(
  // oxfmt-ignore
  ${JSON.stringify(`[${rows.join(",")}]`)},
) as readonly Outline[];
`;
}

const ids = new Set([...entries(hub), ...entries(scout)].map(({ id }) => id));

/** Texts of the catalogue call operations as the library does; whoever reads help types commands. */
function inCommands(text: string, own: string): string {
  const withBody = text.replaceAll(/`(\{.*?\})`/g, "--body '$1'");
  return withBody.replaceAll(
    /`?\b([a-zA-Z]+)\.([a-zA-Z]+)\b`?/g,
    (found, area: string, verb: string) => {
      const id = `${area}.${verb}`;
      if (!ids.has(id) || id === own) return found;
      return `wharf ${area === "scout" ? "" : "hub "}${kebab(area)} ${kebab(verb)}`;
    },
  );
}

function outlineOf({ id, operation }: CatalogueEntry): Outline {
  const { summary, description, effect, paging, output, secrets } = operation;
  const answer = operation.answer ?? (output.type === "void" ? "nothing" : "json");
  const status = statusOf(operation);
  const schema = jsonSchema(operation.input);
  const required = new Set(schema["required"] as string[] | undefined);
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>>;
  return {
    id,
    summary,
    ...(description !== undefined && { about: description }),
    effect,
    ...(status !== undefined && { status }),
    fields: Object.entries(properties).map(([name, field]) =>
      fieldOf(name, field, required.has(name)),
    ),
    ...(paging && { list: true as const }),
    ...(answer !== "json" && { answer }),
    ...(secrets && { secrets }),
  };
}

function fieldOf(name: string, schema: JsonSchema, required: boolean): Field {
  const type = typeOf(schema);
  const values = choicesOf(schema);
  return {
    name,
    about: String(schema["description"] ?? ""),
    ...(required && { required: true as const }),
    ...(type && { type }),
    ...(values && { choices: values }),
  };
}

function typeOf(schema: JsonSchema): Field["type"] {
  const choices = schema["anyOf"] as JsonSchema[] | undefined;
  if (choices) return typeOf(choices.find(({ type }) => type !== "null") ?? {});
  if (schema["format"] === "password") return "secret";
  switch (schema["type"] ?? typeof schema["const"]) {
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return typeOf((schema["items"] ?? {}) as JsonSchema) === undefined ? "texts" : "json";
    case "string":
      return undefined;
    case "object":
      return "json";
    default:
      return "bytes";
  }
}

function choicesOf(schema: JsonSchema): readonly string[] | undefined {
  const items = (schema["items"] ?? schema) as JsonSchema;
  const values = items["enum"] as unknown[] | undefined;
  if (values) return values.map(String);
  const constants = (schema["anyOf"] as JsonSchema[] | undefined)?.filter((one) => "const" in one);
  return constants && constants.length > 0
    ? constants.map((one) => String(one["const"]))
    : undefined;
}

function statusOf({
  status = "current",
  replacedBy,
  retired,
}: CatalogueEntry["operation"]): string | undefined {
  if (retired) {
    const use = retired.use === undefined ? "" : `; use ${retired.use}`;
    return `Docker retired it (${retired.on})${use}.${retired.note ? ` ${retired.note}` : ""}`;
  }
  switch (status) {
    case "current":
      return undefined;
    case "undocumented":
      return "Docker does not describe it, but its tools and others call it.";
    case "unverified":
      return "Seen in one client only: it may not work.";
    default:
      return `An older operation${replacedBy ? `; newer: ${replacedBy}` : ""}.`;
  }
}
