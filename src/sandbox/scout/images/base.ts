/** What an image is built on: images whose layers are the first ones of its own. */
import type { Account } from "../../accounts/accounts.ts";
import { type RepositoryRow, selectRepositories } from "../../repositories.ts";
import { type Asked, once, repositoriesOf } from "../asked.ts";
import type { DescribedImage } from "../../registry/describe.ts";
import { allImages, type Image, imagesBehind, tagsOf } from "./image.ts";

/** Images that share these many layers with another one, all of theirs. */
export interface Base {
  readonly layers: readonly { readonly digest: string }[];
  readonly images: readonly Image[];
}

/** The closest first: the one with the most layers. */
export function basesOf(asked: Asked, image: Image, organization: Account | undefined): Base[] {
  return once(asked, `bases ${image.repository.id} ${image.digest}`, () => {
    const { layers } = image.described;
    const found = new Map<number, Image[]>();
    for (const other of allImages(asked)) {
      const { length } = other.layers;
      if (length === 0 || length >= layers.length || !samePlatform(image.described, other))
        continue;
      if (!other.layers.every(({ digest }, at) => digest === layers[at]!.digest)) continue;
      const placed = holders(asked, other.digest, organization).flatMap((repository) =>
        imagesBehind(asked, repository, other.digest),
      );
      if (placed.length > 0) found.set(length, [...(found.get(length) ?? []), ...placed]);
    }
    return [...found]
      .toSorted(([one], [other]) => other - one)
      .map(([length, images]) => ({ layers: layers.slice(0, length), images }));
  });
}

/** The base image that people mean: the closest, where it has a tag, of official images first. */
export function baseOf(
  asked: Asked,
  image: Image,
  organization: Account | undefined,
): Image | undefined {
  const [closest] = basesOf(asked, image, organization);
  const worth = (each: Image) =>
    (tagsOf(asked, each).length > 0 ? 2 : 0) + (each.repository.namespace === "library" ? 1 : 0);
  return closest?.images.toSorted((one, other) => worth(other) - worth(one))[0];
}

/** Repositories in which a base image is looked for: where more have it they are copies of it. */
const holderLimit = 20;

/** Public repositories and those of the organization that have an image, official ones first. */
function holders(asked: Asked, digest: string, organization: Account | undefined): RepositoryRow[] {
  const readable = new Set(
    organization ? repositoriesOf(asked, organization).map(({ id }) => id) : [],
  );
  return asked.state
    .all<RepositoryRow>(
      `${selectRepositories} WHERE r.id IN (SELECT repository FROM manifests WHERE digest = ?1)
       ORDER BY a.name <> 'library', r.id LIMIT ?2`,
      digest,
      holderLimit,
    )
    .filter(({ id, is_private }) => is_private === 0 || readable.has(id));
}

function samePlatform(one: DescribedImage, other: DescribedImage): boolean {
  return (
    one.os === other.os && one.architecture === other.architecture && one.variant === other.variant
  );
}
