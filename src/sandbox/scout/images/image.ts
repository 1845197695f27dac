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
}

function shelfOf(asked: Asked, repository: RepositoryRow): Shelf {
  return once(asked, `shelf ${repository.id}`, () => {
    const rows = asked.state.all<ManifestRow>(
      "SELECT digest, media_type, content_type, images, pushed FROM manifests WHERE repository = ? ORDER BY pushed, digest",
      repository.id,
    );
    const images = new Map<string, Image>();
    const indexes = new Map<string, readonly string[]>();
    for (const { digest, media_type: mediaType, content_type, images: text, pushed } of rows) {
      if (content_type !== "image") continue;
      const described = (JSON.parse(text) as DescribedImage[]).filter(({ os }) => os !== "unknown");
      if (isIndexType(mediaType))
        indexes.set(
          digest,
          described.map((each) => each.digest),
        );
      else if (described[0])
        images.set(digest, { repository, digest, mediaType, described: described[0], pushed });
    }
    const tags = asked.state.all<Tag>(
      `SELECT t.id, t.name, t.digest, t.pushed, m.media_type AS mediaType FROM tags t
       JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
       WHERE t.repository = ? ORDER BY t.pushed DESC, t.id DESC`,
      repository.id,
    );
    return { images, indexes, tags };
  });
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
