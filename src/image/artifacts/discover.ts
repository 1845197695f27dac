/** What is attached to an image or artifact, and which files that holds. */
import type { Cancellable } from "../../http/bytes.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { isManifestType, type ParsedManifest } from "../../reference/manifest.ts";
import { isError } from "../../errors.ts";
import type { Fetcher, Source } from "../../store/store.ts";
import { referrersTree, type Attachment, type TreeOptions } from "../attached.ts";
import { readManifest } from "../read.ts";
import { each } from "../several.ts";
import { timeOf } from "./attached.ts";
import { contentsOf, type TitledFile } from "./contents.ts";

/** Something attached, with the files that it holds. */
export interface Discovered extends Omit<Attachment, "attachments" | "contents"> {
  readonly annotations: Readonly<Record<string, string>>;
  /** What `pullArtifact` would write. */
  readonly files: readonly TitledFile[];
  /** What is attached to it in turn, the oldest first. */
  readonly attachments: readonly Discovered[];
}

/** What is attached to a manifest, with the files that it holds. */
export interface Discovery {
  readonly attachments: readonly Discovered[];
  /** Whether there was more than `depth` and `limit` allow. */
  readonly truncated: boolean;
}

/** How far attachments are followed, and of which type they are. */
export interface DiscoverOptions extends TreeOptions {
  /** Only what has this type directly below the subject. @default all */
  readonly artifactType?: string;
}

/**
 * Finds what is attached to a manifest, level by level, the oldest first, and reads which files it holds.
 *
 * @param subject of what may also be gone: its referrers are listed all the same
 * @throws WharfError UNSUPPORTED, FORBIDDEN and the like where the store refuses to list referrers
 *
 * @example
 * const { attachments } = await discover(repository, digest, { artifactType: "application/spdx+json" });
 * for (const { files } of attachments) console.log(files.map(({ title }) => title));
 */
export async function discover(
  store: Source,
  subject: Digest,
  { artifactType, ...options }: DiscoverOptions = {},
): Promise<Discovery> {
  const { attachments, truncated } = await referrersTree(store, subject, options);
  const wanted = attachments.filter((one) => !artifactType || one.artifactType === artifactType);
  return { attachments: await withFiles(store, wanted, options), truncated };
}

/** One level after the other, so that not more is asked at once than at other times. */
async function withFiles(
  store: Fetcher,
  attachments: readonly Attachment[],
  options: Cancellable,
): Promise<Discovered[]> {
  const level = await each(attachments, ({ descriptor }) =>
    manifestOf(store, descriptor.digest, descriptor.mediaType, options),
  );
  const found: Discovered[] = [];
  for (const [at, { contents: _, ...one }] of attachments.entries()) {
    const manifest = level[at];
    const known = manifest && manifest.kind !== "schema1" ? manifest.annotations : undefined;
    found.push({
      ...one,
      annotations: one.descriptor.annotations ?? known ?? {},
      files: manifest ? contentsOf(manifest).files : [],
      attachments: await withFiles(store, one.attachments, options),
    });
  }
  return found.toSorted((a, b) => timeOf(a) - timeOf(b) || compare(a.artifactType, b.artifactType));
}

/** By their characters, whatever the language. */
const compare = (a = "", b = "") => (a < b ? -1 : Number(a > b));

/** One that cannot be read is shown without its files. */
async function manifestOf(
  store: Fetcher,
  digest: Digest,
  mediaType: string,
  { signal }: Cancellable,
): Promise<ParsedManifest | undefined> {
  if (!isManifestType(mediaType)) return undefined;
  try {
    return (await readManifest(store, digest, signal && { signal })).parsed;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "MANIFEST_INVALID", "DIGEST_MISMATCH"))
      return undefined;
    throw error;
  }
}
