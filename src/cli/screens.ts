/** What `inspect` shows a person. */
import type { ImageConfig, Inspection } from "../image/index.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { formatPlatform } from "../reference/platform.ts";
import { attachedTo } from "./attachments.ts";
import { cut, formatAge, formatBytes, formatTable, printable, shortDigest } from "./format.ts";

/** More lines of one kind are counted, not shown: the screen is for a look, `--json` for all of it. */
const most = 12;

export interface Screen {
  /** Characters of a line. */
  readonly columns: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Sets off a heading. */
  heading(text: string): string;
}

/** An image on one screen. */
export function inspectionScreen(found: Inspection, name: string, screen: Screen): string[] {
  const { image } = found;
  const run = image?.run;
  const sections: Section[] = [];
  if (found.kind === "index") sections.push(["Platforms", platformLines(found)]);
  if (image && image.layers.length > 0) {
    const whose = found.kind === "index" && run ? ` of ${formatPlatform(run.platform)}` : "";
    const title = found.kind === "artifact" ? "Content" : `Layers${whose}`;
    sections.push([title, layerLines(image.layers, run)]);
  }
  if (run) {
    sections.push(["Configuration", facts(aboutRun(run))]);
    sections.push(["Environment", limited(run.env)]);
    sections.push(["Labels", limited(pairs(run.labels))]);
  }
  sections.push(["Annotations", limited(pairs(found.annotations))]);
  const attached = attachedTo(found);
  if (found.attachmentsIncomplete) attached.push("… and what the registry does not tell");
  sections.push(["Attached", attached]);
  return [
    // Digests and names are there to be copied: they are never cut.
    ...facts(aboutImage(found, name, screen.now)).map(printable),
    ...sections
      .filter(([, lines]) => lines.length > 0)
      .flatMap(([title, lines]) => [
        "",
        screen.heading(title),
        ...lines.map((line) => cut(printable(`  ${line}`), screen.columns)),
      ]),
  ];
}

type Section = readonly [title: string, lines: readonly string[]];
type Fact = readonly [title: string, value: string | undefined];

function aboutImage(found: Inspection, name: string, now: number): Fact[] {
  return [
    ["Name", name],
    ["Digest", found.digest],
    ["Type", `${found.kind} (${found.mediaType})`],
    ["Artifact", found.artifactType],
    ["Subject", found.subject?.digest],
    ["Created", found.created && createdText(found.created, now)],
    ["Size", found.size === undefined ? undefined : sizeText(found.size, found.image?.layers)],
  ];
}

/** Layers in an archive of docker's are as large as they are unpacked. */
function sizeText(size: number, layers: readonly Descriptor[] = []): string {
  const isCompressed = layers.some(({ mediaType }) => /gzip|zstd/.test(mediaType));
  return `${formatBytes(size)}${isCompressed ? " compressed" : ""}`;
}

function createdText(created: string, now: number): string {
  const moment = new Date(created);
  // Builds that are made to be repeated say 1970.
  if (Number.isNaN(moment.getTime()) || moment.getTime() <= 0) return created;
  const text = moment.toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC, ${formatAge(moment, now)}`;
}

const aboutRun = (run: ImageConfig): Fact[] => [
  ["Entrypoint", words(run.entrypoint)],
  ["Command", words(run.cmd)],
  ["User", run.user],
  ["Directory", run.workdir],
  ["Ports", run.exposedPorts.join(", ")],
  ["Volumes", run.volumes.join(", ")],
  ["Stop signal", run.stopSignal],
];

function platformLines({ platforms, image }: Inspection): string[] {
  const rows = platforms
    .slice(0, most)
    .map(({ platform, size, layers, digest }) => [
      formatPlatform(platform),
      size === undefined ? "?" : formatBytes(size),
      layers === undefined ? "?" : `${layers} ${layers === 1 ? "layer" : "layers"}`,
      `${shortDigest(digest)}${digest === image?.digest ? "  shown below" : ""}`,
    ]);
  const columns = [{}, { align: "right" }, { align: "right" }, {}] as const;
  return [...formatTable(columns, rows), ...andMore(platforms.length)];
}

function layerLines(layers: readonly Descriptor[], run: ImageConfig | undefined): string[] {
  const steps = run?.history.filter(({ emptyLayer }) => !emptyLayer) ?? [];
  // A history that does not fit the layers would tell lies about them.
  const told = steps.length === layers.length ? steps : [];
  const rows = layers
    .slice(0, most)
    .map(({ digest, size, mediaType, annotations }, i) => [
      shortDigest(digest),
      formatBytes(size),
      shortType(mediaType),
      stepText(told[i]?.createdBy ?? annotations?.["org.opencontainers.image.title"] ?? ""),
    ]);
  const columns = [{}, { align: "right" }, {}, {}] as const;
  return [...formatTable(columns, rows), ...andMore(layers.length)];
}

/** `tar+gzip`, where the type says the same in ten words; a type of others stays whole. */
const shortType = (mediaType: string) =>
  mediaType
    .replace(/^application\/vnd\.oci\.image\.layer\.v1\./, "")
    .replace(/^application\/vnd\.oci\.image\.layer\.nondistributable\.v1\./, "foreign ")
    .replace(/^application\/vnd\.docker\.image\.rootfs\.diff\./, "")
    .replace(/^application\/vnd\.docker\.image\.rootfs\.foreign\.diff\./, "foreign ");

/** A step as it stands in a Dockerfile, without what builders put around it. */
export const stepText = (step: string) =>
  step
    .replace(/^\/bin\/sh -c #\(nop\) +/, "")
    .replace(/^(RUN )?\/bin\/sh -c /, "RUN ")
    .replace(/ # buildkit$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();

const andMore = (count: number) => (count > most ? [`… and ${count - most} more`] : []);
const limited = (values: readonly string[]) => [
  ...values.slice(0, most),
  ...andMore(values.length),
];

function facts(rows: readonly Fact[]): string[] {
  const given = rows.filter(([, value]) => value !== undefined && value !== "");
  const column = Math.max(0, ...given.map(([title]) => title.length));
  return given.map(([title, value]) => `${title.padEnd(column)}  ${value}`);
}

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => `${key}=${value.replaceAll(/\s+/g, " ")}`);

/** Words as one would type them in a shell. */
const words = (list: readonly string[]) =>
  list.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
