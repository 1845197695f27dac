/** What manifests and configurations say, as fields that can be compared one by one. */
import type { ParsedManifest } from "../../reference/manifest.ts";
import type { Cancellable, Fetcher } from "../../store/store.ts";
import { readConfig } from "../../transfer/config.ts";
import type { Fields } from "./fields.ts";

type Document = Readonly<Record<string, unknown>>;

/** What a manifest says besides its parts. */
export function manifestFields(manifest: ParsedManifest): Fields {
  const fields = new Map<string, unknown>([["mediaType", manifest.mediaType]]);
  if (manifest.kind === "schema1") return fields;
  add(fields, "artifactType", manifest.artifactType);
  add(fields, "subject", manifest.subject?.digest);
  if (manifest.kind === "image") add(fields, "config.mediaType", manifest.config.mediaType);
  addNamed(fields, "annotations", manifest.annotations);
  return fields;
}

/** The configuration as it was written; undefined where there is none that is an image's. */
export async function configDocument(
  store: Fetcher,
  manifest: ParsedManifest,
  options: Cancellable,
): Promise<Document | undefined> {
  if (manifest.kind !== "schema1") return (await readConfig(store, manifest, options))?.document;
  try {
    // The last layer's is the image's; of the layer itself it says things that are none of the image.
    const { id: _, parent: __, ...rest } = object(JSON.parse(manifest.history.at(-1) ?? "{}"));
    return rest;
  } catch {
    return {};
  }
}

/** What is compared elsewhere, and what old builders left behind of the container that they built in. */
const others = new Set(["config", "rootfs", "history", "container", "container_config"]);

/** Lists that are sets, written as objects with empty values. */
const sets = new Set(["ExposedPorts", "Volumes"]);

/** What a configuration says, names as image-spec 1.1 has them; variables and labels one by one. */
export function configFields(document: Document): Fields {
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(document)) {
    if (!others.has(name)) add(fields, name, value);
  }
  for (const [name, value] of Object.entries(object(document.config))) {
    if (name === "Env" && Array.isArray(value)) addNamed(fields, name, variables(value));
    else if (name === "Labels") addNamed(fields, name, value);
    else if (sets.has(name)) add(fields, name, Object.keys(object(value)).toSorted());
    else add(fields, name, value);
  }
  return fields;
}

/** A field that is empty is as good as absent: some builders write it, others do not. */
function add(fields: Map<string, unknown>, name: string, value: unknown): void {
  const isEmpty =
    typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;
  if (!isEmpty) fields.set(name, value);
}

/** A variable or label that is empty is there all the same. */
function addNamed(fields: Map<string, unknown>, name: string, values: unknown): void {
  for (const [key, value] of Object.entries(object(values))) fields.set(`${name}.${key}`, value);
}

/** Of a variable that is there twice the last counts. */
function variables(list: readonly unknown[]): Document {
  const texts = list.filter((item) => typeof item === "string");
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function object(value: unknown): Document {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Document)
    : {};
}
