/** What `diff` shows a person. */
import type {
  FieldChange,
  FileChange,
  FileFacts,
  ImageDiff,
  LayerChange,
  PlatformDiff,
  PlatformSide,
} from "../image/diff/index.ts";
import { formatPlatform } from "../reference/platform.ts";
import { modeText } from "./file-lines.ts";
import { count, cut, formatBytes, printable, shortDigest } from "./format.ts";
import { stepText } from "./screens.ts";

export interface DiffScreen {
  /** Characters of a line. */
  readonly columns: number;
  /** Sets off a heading. */
  heading(text: string): string;
}

/** The differences of two images. */
export function diffLines(found: ImageDiff, { columns, heading }: DiffScreen): string[] {
  const { from, to, index, images, same } = found;
  // Names and digests are there to be copied: they are never cut.
  const names = [from.reference, to.reference].map(printable);
  const column = Math.max(...names.map(({ length }) => length));
  const head = [from, to].map(({ digest }, side) => {
    const name = names[side]!;
    const line = `${"AB"[side]}  ${name}`;
    return name.endsWith(digest) ? line : `${line.padEnd(column + 3)}  ${digest}`;
  });
  if (same) return [...head, "", "The same"];
  const lines = head;
  const section = (title: string, body: readonly string[], indent = "  ") => {
    if (body.length > 0) lines.push("", heading(title), ...body.map((line) => indent + line));
  };
  const isIndex = images.length !== 1 || index.length > 0;
  const room = columns - 2;
  section("Index", fieldLines(index, room));
  if (isIndex) section("Platforms", images.map(platformLine));
  for (const image of images) {
    if (image.change !== "changed" || image.attestation) continue;
    const of = isIndex ? ` of ${nameOf(image)}` : "";
    if (!isIndex) section("Image", [sizeText(image.from, image.to)].filter(Boolean));
    section(`Manifest${of}`, fieldLines(image.manifest, room));
    section(`Configuration${of}`, fieldLines(image.config, room));
    section(`Layers${of}`, layerLines(image.layers, room));
    if (image.files)
      section(`Files${of}`, image.files.length > 0 ? fileLines(image.files) : ["the same"]);
  }
  return lines;
}

const signs = {
  added: "+",
  removed: "-",
  changed: "~",
  same: "=",
  shared: "=",
  repacked: "~",
} as const;

function platformLine(image: PlatformDiff): string {
  const { change, from, to } = image;
  return `${signs[change]} ${nameOf(image)}  ${change === "same" ? "the same" : sizeText(from, to)}`.trimEnd();
}

function nameOf({ platform, attestation }: PlatformDiff): string {
  const name = platform === undefined ? "artifact" : formatPlatform(platform);
  return attestation ? `attestation of ${platform === undefined ? "an image" : name}` : name;
}

/** `3.3 MiB → 3.4 MiB (+102.4 KiB), 2 → 3 layers` */
function sizeText(from: PlatformSide | undefined, to: PlatformSide | undefined): string {
  if (from === undefined || to === undefined) {
    const { size, layers } = (from ?? to)!;
    const parts = [
      size !== undefined && formatBytes(size),
      layers !== undefined && count(layers, "layer"),
    ];
    return parts.filter(Boolean).join(", ");
  }
  const parts: string[] = [];
  if (from.size !== undefined && to.size !== undefined) {
    parts.push(
      `${arrow(formatBytes(from.size), formatBytes(to.size))}${growth(to.size - from.size)}`,
    );
  }
  if (from.layers !== undefined && to.layers !== undefined) {
    parts.push(
      from.layers === to.layers
        ? count(to.layers, "layer")
        : `${from.layers} → ${count(to.layers, "layer")}`,
    );
  }
  return parts.join(", ");
}

const growth = (bytes: number) =>
  bytes === 0 ? "" : ` (${bytes > 0 ? "+" : "-"}${formatBytes(Math.abs(bytes))})`;

const arrow = (from: string, to: string) => (from === to ? from : `${from} → ${to}`);

/** One line a field; two where one would be too long. */
function fieldLines(changes: readonly FieldChange[], room: number): string[] {
  return changes.flatMap(({ field, change, from, to }) => {
    const line = (sign: string, value: unknown) =>
      cut(printable(`${sign} ${field}  ${valueText(value)}`), room);
    if (change === "added") return [line("+", to)];
    if (change === "removed") return [line("-", from)];
    const both = printable(`~ ${field}  ${valueText(from)} → ${valueText(to)}`);
    return both.length <= room ? [both] : [line("-", from), line("+", to)];
  });
}

const valueText = (value: unknown) =>
  typeof value === "string" && value !== "" ? value.replaceAll(/\s+/g, " ") : JSON.stringify(value);

function layerLines(changes: readonly LayerChange[], room: number): string[] {
  const lines: string[] = [];
  let shared: LayerChange[] = [];
  const flush = () => {
    const size = shared.reduce((sum, layer) => sum + layer.size, 0);
    if (shared.length > 0) lines.push(`= ${count(shared.length, "layer")}, ${formatBytes(size)}`);
    shared = [];
  };
  for (const layer of changes) {
    if (layer.change === "shared") {
      shared.push(layer);
      continue;
    }
    flush();
    const { change, digest, size, from, createdBy } = layer;
    const what =
      from === undefined
        ? `${shortDigest(digest)}  ${formatBytes(size)}`
        : `${shortDigest(from.digest)} → ${shortDigest(digest)}  ${formatBytes(from.size)} → ${formatBytes(size)}, the same content`;
    const step = createdBy === undefined ? "" : `  ${stepText(createdBy)}`;
    lines.push(cut(printable(`${signs[change]} ${what}${step}`), room));
  }
  flush();
  return lines;
}

function fileLines(changes: readonly FileChange[]): string[] {
  const lines = changes.map((file) =>
    printable(`${signs[file.change]} /${file.path}  ${fileText(file)}`).trimEnd(),
  );
  const counts = (["added", "removed", "changed"] as const)
    .map((kind) => [changes.filter(({ change }) => change === kind).length, kind] as const)
    .filter(([number]) => number > 0);
  return [...lines, counts.map(([number, kind]) => `${number} ${kind}`).join(", ")];
}

function fileText({ from, to, changed }: FileChange): string {
  if (from === undefined || to === undefined) return factsText((from ?? to)!);
  const texts: Record<FileChange["changed"][number], () => string> = {
    type: () => `${from.type} → ${to.type}`,
    content: () => `content, ${arrow(formatBytes(from.size), formatBytes(to.size))}`,
    target: () => `${from.linkName} → ${to.linkName}`,
    mode: () => `${modeText(from)} → ${modeText(to)}`,
    owner: () => `${from.uid}:${from.gid} → ${to.uid}:${to.gid}`,
    device: () => `${from.device} → ${to.device}`,
    attributes: () => `attributes ${attributesText(from)} → ${attributesText(to)}`,
  };
  return changed.map((aspect) => texts[aspect]()).join(", ");
}

function factsText(facts: FileFacts): string {
  const { type, size, linkName, device } = facts;
  const what =
    type === "file" ? formatBytes(size) : type === "symlink" ? `-> ${linkName}` : (device ?? "");
  return `${modeText(facts)}  ${what}`.trimEnd();
}

const attributesText = ({ attributes = {} }: FileFacts) =>
  Object.keys(attributes).join(" ") || "none";
