/** Help texts, made from the definitions. */
import type { Command, Flag } from "./command.ts";
import { globalFlags } from "./flags.ts";
import { entries, groups, type Entry } from "./index.ts";

const width = 80;

export function overview(): string {
  const column = widest(entries.map(label));
  const lines = [
    "wharf: inspects, copies, serves and cleans up container images, without a daemon",
    "",
    "Usage: wharf COMMAND [ARGUMENT…] [--flag…]",
    "",
  ];
  for (const { title, entries: listed } of groups) {
    lines.push(title);
    for (const entry of listed) lines.push(row(label(entry), entry.summary, column));
    lines.push("");
  }
  lines.push(
    ...wrap(
      "A REF is [HOST/]REPOSITORY[:TAG][@DIGEST]; SRC and DST may also be oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE (- for a pipe) or docker-daemon:NAME. A HOST may be a URL with scheme, path, user and password.",
      width,
    ),
    "",
    "wharf COMMAND --help shows arguments, flags and examples of a command.",
    "wharf hub --help lists every operation of Docker Hub: wharf hub AREA VERB.",
    "wharf scout --help lists those of Docker Scout: wharf scout VERB.",
    "wharf COMMAND --json prints JSON for programs, with fields that stay.",
  );
  return lines.join("\n");
}

const label = ({ name, usage }: Entry) => `${name} ${usage}`.trim();
const widest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));

/** The commands whose names begin with a word or two, such as `manifest`; of many, what stands below. */
export function groupHelp(group: string, all: readonly Entry[] = entries): string {
  const own = all.filter(({ name }) => name.startsWith(`${group} `));
  const depth = group.split(" ").length + 1;
  const direct = own.filter(({ name }) => name.split(" ").length === depth);
  const areas = new Map<string, string[]>();
  for (const { name } of own) {
    const words = name.split(" ");
    if (words.length === depth) continue;
    const area = words.slice(0, depth).join(" ");
    areas.set(area, [...(areas.get(area) ?? []), words.slice(depth).join(" ")]);
  }
  const column = Math.min(40, widest([...direct.map(label), ...areas.keys()]));
  return [
    `Usage: wharf ${group} COMMAND [ARGUMENT…] [--flag…]`,
    "",
    ...direct.map((entry) => row(label(entry), entry.summary, column)),
    ...(direct.length > 0 && areas.size > 0 ? [""] : []),
    ...[...areas].map(([area, verbs]) => row(area, verbs.join(", "), column)),
    "",
    ...wrap(
      `wharf ${group} COMMAND --help shows arguments, flags and examples of a command.`,
      width,
    ),
  ].join("\n");
}

/** @param options.globals whether flags that every command takes are shown @default true */
export function commandHelp(
  entry: Entry,
  command: Command,
  { globals = true }: { globals?: boolean } = {},
): string {
  const flags = Object.entries(command.flags as Readonly<Record<string, Flag>>);
  const lines = [
    `${entry.summary}.`,
    "",
    `Usage: wharf ${label(entry)}${flags.length ? " [--flag…]" : ""}`,
  ];
  if (command.about) lines.push("", ...wrap(command.about, width));
  if (command.arguments.length > 0)
    lines.push(
      ...section(
        "Arguments",
        command.arguments.map(({ name, about }) => [name, about]),
      ),
    );
  const titles = new Set(flags.map(([, flag]) => groupOf(flag)));
  for (const title of titles)
    lines.push(...section(title, flags.filter(([, flag]) => groupOf(flag) === title).map(flagRow)));
  if (globals) {
    const shared = Object.entries(globalFlags).filter(([name]) => !(name in command.flags));
    lines.push(...section("Flags of every command", shared.map(flagRow)));
  }
  lines.push("", "Examples");
  for (const { command: text, does } of command.examples) lines.push(`  # ${does}`, `  ${text}`);
  return lines.join("\n");
}

function flagRow([name, flag]: [string, Flag]): [string, string] {
  const spelled = `${flag.short ? `-${flag.short}, ` : ""}--${name}${flag.value ? ` ${flag.value}` : ""}`;
  const more = [
    flag.repeated && "repeatable",
    flag.choices && `one of ${flag.choices.join(", ")}`,
    flag.preset && `default: ${flag.preset}`,
  ].filter(Boolean);
  return [spelled, more.length > 0 ? `${flag.about} (${more.join("; ")})` : flag.about];
}

const groupOf = ({ group = "Flags" }: Flag) => group;

function section(title: string, rows: readonly [string, string][]): string[] {
  const column = Math.min(28, widest(rows.map(([left]) => left)));
  return ["", title, ...rows.map(([left, right]) => row(left, right, column))];
}

function row(left: string, right: string, column: number): string {
  const [first = "", ...more] = wrap(right, width - column - 4);
  const indent = " ".repeat(column + 4);
  const head =
    left.length > column ? [`  ${left}`, indent + first] : [`  ${left.padEnd(column)}  ${first}`];
  return [...head, ...more.map((line) => indent + line)].join("\n");
}

/** Breaks text into lines of at most `columns` characters. */
export function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const line = lines.at(-1)!;
      if (line && line.length + 1 + word.length > columns) lines.push(word);
      else lines[lines.length - 1] = line ? `${line} ${word}` : word;
    }
    return lines;
  });
}
