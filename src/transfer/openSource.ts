/** Sources of a copy. */
import { WharfError } from "../errors.ts";
import { isDigest } from "../reference/digest.ts";
import type { Location } from "../reference/location.ts";
import { isDigestTag } from "../reference/digestTags.ts";
import { formatReference, parseReference } from "../reference/reference.ts";
import type { LayoutStore } from "../store/layout/layout.ts";
import type { ReferrerLister, Source, TagLister } from "../store/store.ts";
import { openRepository, type LocationContext } from "./context.ts";

export interface OpenedSource {
  readonly store: Source & TagLister & Partial<ReferrerLister>;
  /** What `copy` is to be called with: the digest where the location has one, else its tag, else the only image. */
  readonly reference: string;
  /** Whether the location itself says the digest. */
  readonly pinned: boolean;
  /** The tag that the image has there, for targets that name none. */
  readonly tag?: string;
  /** The image's whole name there, `docker.io/library/busybox:1.36`. */
  readonly name?: string;
  close(): Promise<void>;
}

/**
 * Opens the source of a copy.
 * @throws WharfError MANIFEST_NOT_FOUND where the image must be named because there are several
 *
 * @example
 * const source = await openSource(parseLocation("oci:./layout:1.0"));
 */
export async function openSource(
  location: Location,
  context: LocationContext = {},
): Promise<OpenedSource> {
  if (location.transport === "docker") {
    const { registry, repository, digest, tag } = location.reference;
    const remote = await openRepository(location.reference, context);
    const known = tag ?? (digest === undefined ? "latest" : undefined);
    return {
      ...remote,
      reference: digest ?? known!,
      pinned: digest !== undefined,
      ...(known !== undefined && {
        tag: known,
        name: formatReference({ registry, repository, tag: known }),
      }),
    };
  }
  if (location.transport === "oci") {
    const { openLayout } = await import("../store/layout/layout.ts");
    const store = await openLayout(location.path);
    const { tag, digest } = location;
    const reference = digest ?? tag ?? (await onlyImage(store));
    const known = tag ?? (isDigest(reference) ? undefined : reference);
    return {
      store,
      reference,
      pinned: digest !== undefined,
      ...(known !== undefined && { tag: known }),
      close: () => store.close(),
    };
  }
  return openArchived(location as Archived, context);
}

/** What is read as an archive; the union does not tell `oci` and `oci-archive` apart by itself. */
type Archived = Location & { readonly transport: `${string}-archive` | "docker-daemon" };

async function openArchived(location: Archived, context: LocationContext): Promise<OpenedSource> {
  const { signal } = context;
  const options = signal === undefined ? {} : { signal };
  if (location.transport === "docker-daemon") {
    const { openDaemonSource } = await import("../store/daemon/daemon.ts");
    const store = await openDaemonSource(location.reference, options);
    const reference = await store.only(options);
    return {
      store,
      reference,
      pinned: false,
      ...named(location.reference),
      close: () => store.close(),
    };
  }
  const { openArchive } = await import("../store/archive/archive.ts");
  const { path, tag, transport } = location;
  const digest = transport === "oci-archive" ? location.digest : undefined;
  const input = path === "-" && context.stdin !== undefined ? context.stdin : path;
  const store = await openArchive(input, transport, options);
  try {
    const only = tag === undefined && digest === undefined ? await onlyName(store) : undefined;
    // In an OCI archive the only tag is the image; what has none, or a tag made of a digest, is attached to it.
    const implied = transport === "oci-archive" ? only : undefined;
    const reference = digest ?? tag ?? implied ?? (await store.only(options));
    const name = tag ?? only;
    const names =
      name === undefined ? {} : transport === "oci-archive" ? { tag: name } : named(name);
    return { store, reference, pinned: digest !== undefined, ...names, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The name of a layout's only image; what is attached to an image counts as part of it. */
async function onlyImage(layout: LayoutStore): Promise<string> {
  const tags: string[] = [];
  for await (const tag of layout.listTags()) if (!isDigestTag(tag)) tags.push(tag);
  const [tag] = tags;
  if (tags.length === 1) return tag!;
  const roots = await layout.roots();
  const digests = new Set(roots.filter((root) => !root.artifactType).map(({ digest }) => digest));
  const [digest] = digests;
  if (tags.length === 0 && digests.size === 1) return digest!;
  const count = tags.length || digests.size;
  const shown = tags.length > 0 ? tags : [...digests];
  throw new WharfError(
    "MANIFEST_NOT_FOUND",
    `${layout.folder}: holds ${count === 0 ? "no image" : `${count} images; which one?`}`,
    count === 0 ? {} : { hint: `Name one of them: ${shown.slice(0, 10).join(", ")}.` },
  );
}

async function onlyName(store: TagLister): Promise<string | undefined> {
  const names: string[] = [];
  for await (const name of store.listTags()) if (!isDigestTag(name)) names.push(name);
  return names.length === 1 ? names[0] : undefined;
}

/** What a name that docker understands says; an image's id says nothing. */
function named(name: string): { name?: string; tag?: string } {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(name)) return {};
  const { tag } = parseReference(name);
  return { name, ...(tag !== undefined && { tag }) };
}
