/** What is attached to an image, for people: as a tree, or as a list. */
import type { Attachment, Inspection } from "../image/index.ts";
import type { Digest } from "../reference/descriptor.ts";
import { formatPlatform } from "../reference/platform.ts";
import { formatTable, shortDigest } from "./format.ts";

/** A line of the tree: what it is, and further columns. */
interface Node {
  readonly cells: readonly string[];
  readonly below: readonly Node[];
}

type ShowDigest = (digest: Digest) => string;

/** What is attached to the whole, and to the image shown. */
export function attachedTo({ attachments, digest, image }: Inspection): string[] {
  const ofImage = (one: Attachment) => one.subject === image?.digest && one.subject !== digest;
  const own = attachments.filter(ofImage);
  const name = image?.run ? formatPlatform(image.run.platform) : (image?.digest ?? "");
  return drawTree([
    ...nodesOf(
      attachments.filter((one) => !ofImage(one)),
      shortDigest,
    ),
    ...(own.length > 0 ? [{ cells: [name], below: nodesOf(own, shortDigest) }] : []),
  ]);
}

/** A tree with whole digests, which other commands take. */
export const attachmentTree = (attachments: readonly Attachment[]): string[] =>
  drawTree(nodesOf(attachments, (digest) => digest));

/** A line for each, aligned. */
export const attachmentList = (attachments: readonly Attachment[]): string[] =>
  formatTable(
    [{}, {}, {}],
    nodesOf(attachments, (digest) => digest).map(({ cells }) => cells),
  );

function nodesOf(attachments: readonly Attachment[], show: ShowDigest): Node[] {
  return attachments.map((attachment) => ({
    cells: [kindText(attachment), show(attachment.descriptor.digest), typeText(attachment)],
    below: [
      // One thing is said by the line itself; of several each has its own.
      ...(attachment.contents.length > 1
        ? attachment.contents.map((content) => ({
            cells: [
              kindText(content),
              show(content.descriptor.digest),
              content.predicateType ?? content.descriptor.mediaType,
            ],
            below: [],
          }))
        : []),
      ...nodesOf(attachment.attachments, show),
    ],
  }));
}

const kindText = ({ kind, format }: Pick<Attachment, "kind" | "format">) =>
  format === undefined ? kind : `${kind} (${format})`;

function typeText({ via, tag, artifactType, predicateType, contents }: Attachment): string {
  // Of several contents each has a line of its own.
  const content = contents.length === 1 ? contents[0] : undefined;
  const inside = content?.predicateType ?? content?.descriptor.mediaType;
  // Under a tag of cosign's the manifest is dressed as an image; what it holds says more.
  if (via === "tag") return `under ${shortTag(tag ?? "")}`;
  return predicateType ?? artifactType ?? inside ?? "";
}

/** `sha256-0123456789ab….sig` */
const shortTag = (tag: string) => tag.replace(/^(sha\d+-[0-9a-f]{12})[0-9a-f]+/, "$1…");

function drawTree(nodes: readonly Node[]): string[] {
  const rows = (list: readonly Node[], indent: string): string[][] =>
    list.flatMap(({ cells: [first = "", ...cells], below }, i) => {
      const isLast = i === list.length - 1;
      const head = [`${indent}${isLast ? "└─" : "├─"} ${first}`, ...cells];
      return [head, ...rows(below, `${indent}${isLast ? "   " : "│  "}`)];
    });
  return formatTable([{}, {}, {}], rows(nodes, ""));
}
