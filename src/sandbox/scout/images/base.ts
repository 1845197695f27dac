/** What an image is built on: images whose layers are the first ones of its own. */
import type { Account } from "../../accounts/accounts.ts";
import { type RepositoryRow, selectRepositories } from "../../repositories.ts";
import { type Asked, once, repositoriesOf } from "../asked.ts";
import { type Image, imagesIn, tagsOf } from "./image.ts";

/** Images that share these many layers with another one, all of theirs. */
export interface Base {
  readonly layers: readonly { readonly digest: string }[];
  readonly images: readonly Image[];
}

/** The closest first: the one with the most layers. */
export function basesOf(asked: Asked, image: Image, organization: Account | undefined): Base[] {
  return once(asked, `bases ${image.repository.id} ${image.digest}`, () => {
    const { layers } = image.described;
    const [first] = layers;
    if (!first) return [];
    const found = new Map<number, Image[]>();
    for (const repository of candidates(asked, first.digest, organization))
      for (const other of imagesIn(asked, repository)) {
        const { length } = other.described.layers;
        if (length >= layers.length || !samePlatform(image, other)) continue;
        if (!other.described.layers.every(({ digest }, at) => digest === layers[at]!.digest))
          continue;
        found.set(length, [...(found.get(length) ?? []), other]);
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

/** Public repositories and those of the organization that have an image with this layer. */
function candidates(
  asked: Asked,
  layer: string,
  organization: Account | undefined,
): RepositoryRow[] {
  const readable = new Set(
    organization ? repositoriesOf(asked, organization).map(({ id }) => id) : [],
  );
  return asked.state
    .all<RepositoryRow>(
      `${selectRepositories} WHERE r.id IN
       (SELECT repository FROM manifests WHERE json_extract(images, '$[0].layers[0].digest') = ?)`,
      layer,
    )
    .filter(({ id, is_private }) => is_private === 0 || readable.has(id));
}

function samePlatform({ described: one }: Image, { described: other }: Image): boolean {
  return (
    one.os === other.os && one.architecture === other.architecture && one.variant === other.variant
  );
}
