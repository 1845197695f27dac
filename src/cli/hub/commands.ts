/** The commands `wharf hub AREA VERB`, one for each operation of the catalogue. */
import type { Command, Flag } from "../command.ts";
import type { Entry } from "../index.ts";
import { kebab } from "../../openapi/names.ts";
import { exampleOf } from "./example.ts";
import { outlines } from "./operations.ts";
import type { Outline } from "./outline.ts";
import { spellingOf } from "./words.ts";

/** What every such command takes beside the fields of its operation. */
const bodyFlag: Flag = {
  about: "Fields that are not said otherwise, as a JSON object",
  value: "JSON|@FILE|-",
};
const dryRunFlag: Flag = { about: "Print the request, secrets hidden, and send nothing" };
const fieldsFlag: Flag = { about: "Only these fields, in this order: name,status", value: "LIST" };
const listFlags = {
  all: { about: "Every page, not only the first" },
  limit: { about: "At most so many, from as many pages as it takes", value: "N" },
} satisfies Record<string, Flag>;
const yesFlag: Flag = { about: "Do not ask whether it is meant", short: "y" };
const secretFlags = {
  "show-secret": { about: "Print the secret of the answer" },
  "secret-file": { about: "Write the secret to this new file, for you alone", value: "FILE" },
} satisfies Record<string, Flag>;
const outputFlag: Flag = {
  about: "Write to this file, not to standard output",
  value: "FILE",
  short: "o",
};

/** Words of an operation's command: `hub access-tokens list`; `scout image-cves`, for Docker Scout has one area. */
export function nameOf({ id }: Pick<Outline, "id">): string {
  const [area = "", verb = ""] = id.split(".");
  if (area === "scout") return `scout ${kebab(verb)}`;
  return `hub ${kebab(area)} ${kebab(verb)}`;
}

let made: readonly Entry[] | undefined;

/** An entry for each operation, for help and completion. */
export function hubEntries(): readonly Entry[] {
  return (made ??= outlines.map(entryOf));
}

/** The entry of an operation. */
export function entryOf(outline: Outline): Entry {
  return {
    name: nameOf(outline),
    usage: spellingOf(outline)
      .arguments.map(({ name }) => name)
      .join(" "),
    summary: outline.summary.replace(/\.$/, ""),
    load: async () => ({ default: commandOf(outline) as Command<never> }),
  };
}

/** The command of an operation. */
export function commandOf(outline: Outline): Command {
  const spelling = spellingOf(outline);
  const json = !["nothing", "text", "bytes", "found"].includes(outline.answer ?? "");
  const flags: Record<string, Flag> = {
    ...spelling.flags,
    ...(outline.list && listFlags),
    ...(outline.fields.length > 0 && { body: bodyFlag }),
    ...(json && { fields: fieldsFlag }),
    ...(outline.effect !== "read" && { "dry-run": dryRunFlag }),
    ...(outline.effect !== "read" && outline.effect !== "create" && { yes: yesFlag }),
    ...(outline.secrets && secretFlags),
    ...((outline.answer === "bytes" || outline.answer === "text") && { output: outputFlag }),
  };
  if (outline.effect === "read") flags["dry-run"] = dryRunFlag;
  return {
    arguments: spelling.arguments,
    flags,
    about: [outline.about, outline.status].filter(Boolean).join(" "),
    examples: [
      { command: exampleOf(nameOf(outline), outline, spelling.arguments), does: outline.summary },
    ],
    async run(call) {
      const { runOperation } = await import("./run.ts");
      return runOperation(call, outline, spelling);
    },
  };
}
