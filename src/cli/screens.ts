/** What `inspect` and `referrers` show a person. */
import type { Attachment, Inspection } from "../image/index.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { formatPlatform } from "../reference/platform.ts";
import { formatBytes, formatTable, printable, shortDigest } from "./format.ts";

/** Longer values are cut: the screen is for a look, `--json` for all of it. */
const widest = 60;
/** More lines of one kind are counted, not shown. */
const most = 12;

/** An image on one screen. */
export function inspectionScreen(found: Inspection, name: string): string[] {
  const { image } = found;
  const run = image?.run;
  const lines = facts([
    ["Name", name],
    ["Digest", found.digest],
    ["Type", `${found.kind}, ${found.mediaType}`],
    ["Artifact", found.artifactType],
    ["Subject", found.subject?.digest],
    ["Created", found.created],
    ["Size", found.size === undefined ? undefined : `${formatBytes(found.size)} compressed`],
  ]);
  if (found.kind === "index") lines.push("", ...platformLines(found));
  if (image) {
    const of = run ? ` of ${formatPlatform(run.platform)}` : "";
    lines.push("", `Layers${found.kind === "index" ? of : ""}`, ...layerLines(image.layers));
  }
  if (run)
    lines.push(
      "",
      ...facts([
        ["Entrypoint", list(run.entrypoint)],
        ["Command", list(run.cmd)],
        ["User", run.user],
        ["Directory", run.workdir],
        ["Ports", run.exposedPorts.join(", ")],
        ["Volumes", run.volumes.join(", ")],
      ]),
      ...section("Environment", run.env),
      ...section("Labels", pairs(run.labels)),
    );
  lines.push(...section("Annotations", pairs(found.annotations)));
  if (found.attachments.length > 0)
    lines.push("", "Attached", ...attachmentLines(found.attachments));
  if (found.attachmentsIncomplete) lines.push("  … and what the registry does not tell");
  return lines.map(printable);
}

/** What is attached, as a tree. */
export function attachmentLines(attachments: readonly Attachment[], indent = ""): string[] {
  return attachments.flatMap((attachment, i) => {
    const isLast = i === attachments.length - 1;
    const below = attachmentLines(attachment.attachments, `${indent}${isLast ? "   " : "│  "}`);
    return [`${indent}${isLast ? "└─" : "├─"} ${attachmentLine(attachment)}`, ...below];
  });
}

/** `sbom (spdx)  sha256:0123456789ab  application/spdx+json`, on one line. */
export function attachmentLine({
  kind,
  format,
  descriptor,
  artifactType,
  via,
  tag,
  contents,
}: Attachment): string {
  const what = format ? `${kind} (${format})` : kind;
  const type =
    artifactType ?? contents[0]?.predicateType ?? contents[0]?.descriptor.mediaType ?? "";
  const how = via === "tag" ? ` tag ${tag}` : via === "index" ? " in the index" : "";
  return printable(`${what}  ${shortDigest(descriptor.digest)}  ${type}${how}`);
}

function platformLines({ platforms }: Inspection): string[] {
  const rows = platforms
    .slice(0, most)
    .map(({ platform, size, layers, digest }) => [
      formatPlatform(platform),
      size === undefined ? "?" : formatBytes(size),
      layers === undefined ? "?" : String(layers),
      shortDigest(digest),
    ]);
  const columns = [
    { title: "Platform" },
    { title: "Size", align: "right" },
    { title: "Layers", align: "right" },
    { title: "Digest" },
  ] as const;
  return [...formatTable(columns, rows), ...andMore(platforms.length)];
}

function layerLines(layers: readonly Descriptor[]): string[] {
  const rows = layers
    .slice(0, most)
    .map(({ digest, size, mediaType }) => [
      `  ${shortDigest(digest)}`,
      formatBytes(size),
      mediaType,
    ]);
  const [, ...lines] = formatTable(
    [{ title: "" }, { title: "", align: "right" }, { title: "" }],
    rows,
  );
  return [...lines, ...andMore(layers.length)];
}

const andMore = (count: number) => (count > most ? [`  … and ${count - most} more`] : []);

function section(title: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  return [
    "",
    title,
    ...values.slice(0, most).map((value) => `  ${cut(value)}`),
    ...andMore(values.length),
  ];
}

function facts(rows: readonly (readonly [string, string | undefined])[]): string[] {
  const given = rows.filter(([, value]) => value !== undefined && value !== "");
  const column = Math.max(0, ...given.map(([title]) => title.length));
  return given.map(([title, value]) => `${title.padEnd(column)}  ${value}`);
}

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => `${key}=${value}`);
const list = (words: readonly string[] | undefined) =>
  words?.length ? JSON.stringify(words) : undefined;
const cut = (text: string) => (text.length > widest + 16 ? `${text.slice(0, widest + 15)}…` : text);
