/** An image as the schema shows it. What nobody asks for is not computed: a field is a function. */
import { type Account, findAccount } from "../../accounts/accounts.ts";
import { type Asked, hubHost, pathOf } from "../asked.ts";
import type { RepositoryRow } from "../../repositories.ts";
import { analysisOf, reportOf } from "./analysis.ts";
import { baseOf } from "./base.ts";
import { configOf } from "./config.ts";
import { type Image, imagesIn, platformOf, type Tag, tagsIn, tagsOf } from "./image.ts";

/** The type `ImageWithBaseImage`; `IbImage` and `IbBaseImage` are parts of it. */
export function viewOf(asked: Asked, image: Image, organization: Account | undefined) {
  const base = () => baseOf(asked, image, organization);
  return {
    digest: image.digest,
    mediaType: image.mediaType,
    tags: () => tagsOf(asked, image).map(viewOfTag),
    createdAt: async () => (await configOf(asked, image)).created ?? image.pushed,
    packageCount: async () => {
      const { sbomState, packages } = await analysisOf(asked, image);
      return sbomState === "INDEXED" ? packages.length : null;
    },
    vulnerabilityReport: () => reportOf(asked, image, organization),
    repository: () => viewOfRepository(asked, image.repository),
    sbomState: async () => (await analysisOf(asked, image)).sbomState,
    layerCount: image.described.layers.length,
    platform: platformOf(image),
    compressedSize: image.described.size,
    labels: async () => (await configOf(asked, image)).labels,
    user: async () => (await configOf(asked, image)).user,
    baseImage: (): unknown => {
      const found = base();
      return found ? viewOf(asked, found, organization) : null;
    },
    baseImageTag: () => {
      const found = base();
      const [tag] = found ? tagsOf(asked, found) : [];
      return tag ? viewOfTag(tag) : null;
    },
  };
}

/** The type `IbTag`; here a tag that leads to an image leads there now. */
export function viewOfTag({ name, pushed, digest, mediaType }: Tag) {
  return { name, updatedAt: pushed, current: true, supported: true, digest, mediaType };
}

const badges: Readonly<Record<string, string>> = {
  official: "OFFICIAL_IMAGE",
  open_source: "OPEN_SOURCE",
  verified_publisher: "VERIFIED_PUBLISHER",
};

function viewOfRepository(asked: Asked, repository: RepositoryRow) {
  const { description, pulls, stars, namespace } = repository;
  return {
    hostName: hubHost,
    repoName: pathOf(repository),
    badge: () => badges[findAccount(asked.state, namespace)?.badge ?? ""] ?? null,
    supportedTags: () => tagsIn(asked, repository).map(({ name }) => name),
    preferredTags: () =>
      tagsIn(asked, repository).flatMap(({ name }) => (name === "latest" ? [name] : [])),
    description,
    pullCount: pulls,
    starCount: stars,
    platforms: () => [
      ...new Set(
        imagesIn(asked, repository).map(
          ({ described: { os, architecture } }) => `${os}/${architecture}`,
        ),
      ),
    ],
  };
}
