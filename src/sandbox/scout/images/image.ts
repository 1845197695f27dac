/** Images of one platform, as the registry's half of the sandbox has described them. */
import { isIndexType } from "../../../reference/manifest.ts";
import type { DescribedImage } from "../../registry/describe.ts";
import type { RepositoryRow } from "../../repositories.ts";
import { type Asked, once, publicRepositoriesWith, repositoriesOf } from "../asked.ts";
import type { Account } from "../../accounts/accounts.ts";

/** An image in a repository. */
export interface Image {
  readonly repository: RepositoryRow;
  readonly digest: string;
  readonly mediaType: string;
  readonly described: DescribedImage;
  readonly pushed: string;
}

export interface Tag {
  readonly id: number;
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly pushed: string;
}

interface ManifestRow {
  readonly digest: string;
  readonly media_type: string;
  readonly content_type: string;
  readonly images: string;
  readonly pushed: string;
}

/** What a repository holds: every image, and what its indexes list. */
interface Shelf {
  readonly images: ReadonlyMap<string, Image>;
  /** Images behind an index. */
  readonly indexes: ReadonlyMap<string, readonly string[]>;
  readonly tags: readonly Tag[];
  /** Manifests that are neither: attestations, artifacts, what may refer to an image. */
  readonly others: readonly string[];
}

function shelfOf(asked: Asked, repository: RepositoryRow): Shelf {
  return once(asked, `shelf ${repository.id}`, () => {
    const rows = asked.state.all<ManifestRow>(
      "SELECT digest, media_type, content_type, images, pushed FROM manifests WHERE repository = ? ORDER BY pushed, digest",
      repository.id,
    );
    const images = new Map<string, Image>();
    const indexes = new Map<string, readonly string[]>();
    const others: string[] = [];
    for (const row of rows) {
      const { digest, media_type: mediaType, pushed } = row;
      const found = row.content_type === "image" ? imagesOf(asked, row) : [];
      if (isIndexType(mediaType))
        indexes.set(
          digest,
          found.map((each) => each.digest),
        );
      else if (found[0])
        images.set(digest, { repository, digest, mediaType, described: found[0], pushed });
      else others.push(digest);
    }
    const tags = asked.state.all<Tag>(
      `SELECT t.id, t.name, t.digest, t.pushed, m.media_type AS mediaType FROM tags t
       JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
       WHERE t.repository = ? ORDER BY t.pushed DESC, t.id DESC`,
      repository.id,
    );
    return { images, indexes, tags, others };
  });
}

/** Read once, in however many repositories it is. Attestations say that they are for no platform. */
function imagesOf(
  asked: Asked,
  { digest, images }: Pick<ManifestRow, "digest" | "images">,
): readonly DescribedImage[] {
  return once(asked, `images ${digest} ${images.length}`, () =>
    (JSON.parse(images) as DescribedImage[]).filter(({ os }) => os !== "unknown"),
  );
}

/** Every image of the sandbox once, wherever it is. */
export function allImages(asked: Asked): readonly DescribedImage[] {
  return once(asked, "all images", () => {
    const rows = asked.state.all<ManifestRow>(
      `SELECT digest, media_type, images FROM manifests JOIN
         (SELECT digest, min(repository) AS repository FROM manifests WHERE content_type = 'image' GROUP BY digest)
       USING (repository, digest)`,
    );
    return rows
      .filter(({ media_type: mediaType }) => !isIndexType(mediaType))
      .flatMap((row) => imagesOf(asked, row));
  });
}

/** Digests of what is in a repository without being an image or an index. */
export function othersIn(asked: Asked, repository: RepositoryRow): readonly string[] {
  return shelfOf(asked, repository).others;
}

/** Indexes of a repository that list an image. */
export function indexesOf(asked: Asked, repository: RepositoryRow, digest: string): string[] {
  const { indexes } = shelfOf(asked, repository);
  return [...indexes].flatMap(([index, listed]) => (listed.includes(digest) ? [index] : []));
}

/** The images behind a digest of a repository: of an index that of every platform. */
export function imagesBehind(asked: Asked, repository: RepositoryRow, digest: string): Image[] {
  const { images, indexes } = shelfOf(asked, repository);
  return (indexes.get(digest) ?? [digest]).flatMap((each) => images.get(each) ?? []);
}

export function imagesIn(asked: Asked, repository: RepositoryRow): Image[] {
  return [...shelfOf(asked, repository).images.values()];
}

/** Tags that lead to an image, the newest first. */
export function tagsOf(asked: Asked, { repository, digest }: Image): Tag[] {
  const { tags, indexes } = shelfOf(asked, repository);
  return tags.filter((tag) => tag.digest === digest || indexes.get(tag.digest)?.includes(digest));
}

/** All tags of a repository, the newest first. */
export function tagsIn(asked: Asked, repository: RepositoryRow): readonly Tag[] {
  return shelfOf(asked, repository).tags;
}

/**
 * The images behind a digest, in whichever repositories: of an organization, or without one public ones.
 * @param alsoPublic whether to look among public ones too
 */
export function findImages(
  asked: Asked,
  organization: Account | undefined,
  digest: string,
  alsoPublic = false,
): Image[] {
  const own = organization ? repositoriesOf(asked, organization) : [];
  const others = !organization || alsoPublic ? publicRepositoriesWith(asked, digest) : [];
  const rows = new Map([...own, ...others].map((row) => [row.id, row]));
  return [...rows.values()].flatMap((row) => imagesBehind(asked, row, digest));
}

export function platformOf({ described: { os, architecture, variant } }: Image) {
  return { os, architecture, variant };
}
