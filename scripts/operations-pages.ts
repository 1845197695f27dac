/** Renders docs/operations.md and docs/reference/: what the catalogue says of each operation. */
import { nameOf } from "../src/cli/hub/commands.ts";
import * as catalogue from "../src/catalogue.ts";
import { jsonSchema, type JsonSchema } from "../src/openapi/openapi.ts";
import { type AnyOperation, type CatalogueEntry, entries } from "../src/operation.ts";
import { kebab } from "../src/openapi/names.ts";
import { table } from "./markdown.ts";

const generated = "Generated from the catalogue by `npm run build`.";

/** The whole table: id, request, status. */
export function operationsPage(): string {
  const rows = [...entries(catalogue)].map(({ id, area, operation }) => [
    `[\`${id}\`](reference/${kebab(area)}.md#${anchor(id)})`,
    request(operation),
    operation.effect,
    operation.auth ?? "required",
    statusOf(operation),
  ]);
  return `# Operations of Docker Hub, Docker Scout and registries

An operation \`area.verb\` is \`hub.area.verb(input)\` in the library and \`wharf hub AREA VERB\` on the command line; those of
Docker Scout are \`scout.verb(input)\` and \`wharf scout VERB\`. Those of area \`registry\` work on any registry; they are what people do
with \`wharf inspect\`, \`wharf copy\` and so on. ${generated}

What the status means: **current** is in Docker's published description; **undocumented** is called by maintained clients;
**legacy** has been replaced; **retired** is gone, and fails with what to use instead; **unverified** was seen in one client only.

${table([["operation", "request", "effect", "authorization", "status"], ...rows])}
`;
}

/** Pages by file name: one for each area. */
export function referencePages(): ReadonlyMap<string, string> {
  const areas = new Map<string, CatalogueEntry[]>();
  for (const entry of entries(catalogue)) {
    const listed = areas.get(entry.area) ?? [];
    areas.set(entry.area, [...listed, entry]);
  }
  return new Map(
    [...areas].map(([area, listed]) => [
      `${kebab(area)}.md`,
      `# ${area}\n\n${generated}\n\n${listed.map(sectionOf).join("\n")}`,
    ]),
  );
}

function sectionOf({ id, area, operation }: CatalogueEntry): string {
  const {
    summary,
    description,
    auth = "required",
    effect,
    paging,
    secrets,
    destroysWith = {},
    destroysGiven = [],
  } = operation;
  const destroying = [
    ...Object.entries(destroysWith).map(
      ([field, value]) => `\`${field}: ${JSON.stringify(value)}\``,
    ),
    ...destroysGiven.map((field) => `\`${field}\``),
  ];
  const notes = [
    `Effect: ${effect}${destroying.length > 0 ? ` (destroy with ${destroying.join(" or ")})` : ""}.`,
    `Authorization: ${auth}.`,
    `Status: ${statusOf(operation)}.`,
    paging && area !== "registry" && `A list: iterate \`${called(id)}()\` for every item.`,
    secrets && `Secret in the answer: ${secrets.map((field) => `\`${field}\``).join(", ")}.`,
  ].filter(Boolean);
  const fields = fieldsOf(jsonSchema(operation.input));
  return `## ${id}

${summary}${description === undefined ? "" : ` ${description}`}

- ${request(operation)}
${area === "registry" ? "" : `- \`${called(id)}(…)\`, \`wharf ${nameOf({ id })}\`\n`}- ${notes.join(" ")}
${fields.length === 0 ? "" : `\n${table([["field", "type", "what it is"], ...fields])}\n`}`;
}

function fieldsOf(schema: JsonSchema): string[][] {
  const required = new Set(schema["required"] as string[] | undefined);
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>>;
  return Object.entries(properties).map(([name, field]) => {
    const about = typeof field["description"] === "string" ? field["description"] : "";
    return [
      `\`${name}\`${required.has(name) ? "" : " (optional)"}`,
      cell(typeOf(field)),
      cell(about),
    ];
  });
}

/** A type in words, with its limits. */
function typeOf(schema: JsonSchema): string {
  const choices = (schema["anyOf"] as JsonSchema[] | undefined)?.map(typeOf);
  if (choices) return choices.join(" or ");
  if ("const" in schema) return JSON.stringify(schema["const"]);
  const values = schema["enum"] as unknown[] | undefined;
  if (values) return values.map((value) => `\`${String(value)}\``).join(", ");
  if (schema["type"] === "array") return `list of ${typeOf((schema["items"] ?? {}) as JsonSchema)}`;
  const type = (schema["type"] as string | undefined) ?? "bytes";
  const [least, most] = [
    schema["minLength"] ?? schema["minimum"],
    schema["maxLength"] ?? schema["maximum"],
  ];
  const range = most === undefined ? "" : ` (${String(least ?? 0)} to ${String(most)})`;
  return schema["format"] === "date-time" ? "date-time" : `${type}${range}`;
}

function statusOf({ status = "current", replacedBy, retired }: AnyOperation): string {
  if (retired) return `retired ${retired.on}${retired.use ? `, use \`${retired.use}\`` : ""}`;
  return replacedBy ? `${status}, use \`${replacedBy}\`` : status;
}

/** The function of the client. */
const called = (id: string) => (id.startsWith("scout.") ? id : `hub.${id}`);

function request(operation: AnyOperation & { readonly document?: string }): string {
  const { http, service = "hub", document } = operation;
  if (http !== undefined) return `\`${http}\`${service === "hub" ? "" : ` (${service})`}`;
  const field = /\{\s*(\w+)/.exec(document ?? "")?.[1];
  return field === undefined ? "several requests" : `GraphQL \`${field}\` (scout)`;
}
const anchor = (id: string) => id.toLowerCase().replace(".", "");
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
