/** What is attached to an image, with its files: as a tree for people, as JSON for programs. */
import type { Discovered } from "../image/artifacts/index.ts";
import { cut, formatBytes, printable } from "./format.ts";

/** Shown by the tree itself, or of use to tools only. */
const quiet = /^(org\.opencontainers\.image\.created|io\.deis\.oras\.)/;

/**
 * The subject, and below it each attachment: its type, its digest, when it was made, its annotations, its files.
 * @param columns to which what others wrote is cut; digests stay whole
 */
export function drawDiscovery(
  subject: string,
  attachments: readonly Discovered[],
  columns: number,
): string[] {
  const lines = [subject];
  draw(attachments, "");
  return lines;

  function draw(level: readonly Discovered[], indent: string): void {
    for (const [at, one] of level.entries()) {
      const last = at === level.length - 1;
      const inner = `${indent}${last ? "   " : "│  "}`;
      const bar = one.attachments.length > 0 ? "│  " : "   ";
      const fit = (text: string, length = columns) => cut(printable(text), length);
      lines.push(fit(`${indent}${last ? "└─" : "├─"} ${titleOf(one)}`));
      lines.push(`${inner}${bar}${one.descriptor.digest}`);
      for (const line of detailsOf(one)) lines.push(fit(`${inner}${bar}${line}`));
      draw(one.attachments, inner);
    }
  }
}

function titleOf({ artifactType, predicateType, kind, format, via }: Discovered): string {
  const type = predicateType ?? artifactType ?? "no type";
  const known = kind === "other" ? "" : ` (${kind}${format === undefined ? "" : `, ${format}`})`;
  return `${type}${known}${via === "tag" ? ", under a tag" : ""}`;
}

function detailsOf({ annotations, files }: Discovered): string[] {
  const created = annotations["org.opencontainers.image.created"];
  return [
    ...(created === undefined ? [] : [`made ${created}`]),
    ...Object.entries(annotations)
      .filter(([key]) => !quiet.test(key))
      .map(([key, value]) => `${key}: ${value}`),
    ...files.map(({ title, folder, descriptor }) => {
      return `${title}${folder ? "/" : ""}  ${formatBytes(descriptor.size)}`;
    }),
  ];
}

/** In the manner of what oras prints. */
export function discoveryJson(
  reference: string,
  digest: string,
  attachments: readonly Discovered[],
): object {
  return { reference, digest, referrers: attachments.map(nodeJson) };
}

function nodeJson(one: Discovered): object {
  const { descriptor, artifactType, predicateType, kind, format, via, tag } = one;
  const { mediaType, digest, size } = descriptor;
  return {
    mediaType,
    digest,
    size,
    artifactType,
    kind,
    format,
    predicateType,
    via,
    tag,
    annotations: one.annotations,
    files: one.files.map(({ title, folder, descriptor: file }) => {
      return { title, folder, mediaType: file.mediaType, digest: file.digest, size: file.size };
    }),
    referrers: one.attachments.map(nodeJson),
  };
}
