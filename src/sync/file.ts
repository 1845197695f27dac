/** Reads a sync file: strict, with messages that name the line and the field. */
import { configError } from "../config/fields.ts";
import { complain } from "./complaint.ts";
import { readYaml } from "./document.ts";
import type { SyncFile } from "./entry.ts";
import { EntryReader } from "./entryReader.ts";
import { checkOverlaps } from "./overlap.ts";
import { syncSchema } from "./schema.ts";

/** What a sync file is called, and what it refers to without saying it. */
export interface ReadSyncFileOptions {
  /** Of the file, for messages. @default sync file */
  readonly name?: string;
  /** Folder at which relative paths of layouts begin. @default the current one */
  readonly folder?: string;
  /** What `${NAME}` in sources and targets stands for. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Values of these are text, however much they look like numbers. */
const verbatim = new Set(["tags", "match", "exclude", "semver", "backup"]);

/** See `readSyncFile` of index.ts. */
export function readText(text: string, options: ReadSyncFileOptions = {}): SyncFile {
  const { name = "sync file" } = options;
  const yaml = readYaml(text, name, { verbatim });
  const value = withoutExtensions(yaml.value);
  refuseOthersFiles(value, name);
  const checked = syncSchema.safeParse(value);
  if (!checked.success) {
    const { path, message, hint } = complain(checked.error.issues, value);
    throw configError(yaml.where(path), message, hint);
  }
  const reader = new EntryReader(checked.data, yaml, options);
  const entries = checked.data.sync.map((_, number) => reader.read(number));
  checkOverlaps(entries);
  return { name, entries };
}

/** Fields `x-…` at the top hold anchors. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
}

/** Who gives us the file of another tool shall hear of the translation, not of the first field that differs. */
function refuseOthersFiles(value: unknown, name: string): void {
  if (typeof value !== "object" || value === null) return;
  const regsync = "creds" in value && "sync" in value;
  const skopeo = Object.values(value).some(
    (one) =>
      typeof one === "object" &&
      one !== null &&
      ["images", "images-by-tag-regex", "images-by-semver"].some((field) => field in one),
  );
  if (!regsync && !skopeo) return;
  const tool = regsync ? "regsync" : "skopeo sync";
  throw configError(
    name,
    `is a file of ${tool}`,
    `Translate it: wharf sync import ${name}${skopeo ? " --target HOST" : ""}`,
  );
}
