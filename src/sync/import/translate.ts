/** Translates the files of other tools. */
import { WharfError } from "../../errors.ts";
import { readText } from "../file.ts";
import { readYaml } from "../document.ts";
import { translateRegsync } from "./regsync.ts";
import { translateSkopeo, type SkopeoOptions } from "./skopeo.ts";
import type { Translation } from "./written.ts";

/** Whose file is translated; for one of skopeo, what its command line says besides. */
export interface ImportOptions extends Partial<SkopeoOptions> {
  /** Of the file, for messages. */
  readonly name?: string;
  /** Whose file it is. @default seen from its fields */
  readonly from?: "regsync" | "skopeo";
}

/** See `importSyncFile` of index.ts. */
export function translate(text: string, options: ImportOptions = {}): Translation {
  const { name = "file", target } = options;
  const yaml = readYaml(text, name, { strings: true });
  const { value } = yaml;
  const isRegsync = typeof value === "object" && value !== null && "sync" in value;
  const from = options.from ?? (isRegsync ? "regsync" : "skopeo");
  if (from === "regsync") return checked(translateRegsync(yaml));
  if (target === undefined) {
    throw new WharfError("USAGE", `${name}: a file of skopeo sync says nothing of the target`, {
      hint: "Name it as to skopeo: --target HOST[/PREFIX].",
    });
  }
  return checked(translateSkopeo(yaml, { ...options, target }));
}

/** What we write we can read. */
function checked(translation: Translation): Translation {
  readText(translation.text, { name: "the translation", environment: anything });
  return translation;
}

/** Variables are looked at when the file is used. */
const anything = new Proxy<Record<string, string>>({}, { get: () => "registry.example.com" });
