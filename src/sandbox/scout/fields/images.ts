/** What is in an image. */
import { type Asked, type ContextInput, hubHost, organizationOf, pathOf } from "../asked.ts";
import { grouped } from "../grouped.ts";
import { analysisOf, findingsOf, reportOf } from "../images/analysis.ts";
import { basesOf } from "../images/base.ts";
import { findImages, type Image } from "../images/image.ts";
import { secretsIn } from "../images/secrets.ts";
import { viewOf } from "../images/view.ts";
import { viewOfMatch } from "../vulnerabilities/view.ts";

interface ByDigest {
  readonly context: ContextInput;
  readonly digest: string;
}

export const images = {
  imageDetailsListByDigest(
    { context, digest, repository }: ByDigest & { repository?: string | null },
    asked: Asked,
  ) {
    const organization = organizationOf(asked, context);
    const found = findImages(asked, organization, digest).filter(
      (image) => repository == null || pathOf(image.repository) === repository,
    );
    // The same image may be in several repositories; without a repository one of them stands for all.
    const shown = repository == null ? eachOnce(found) : found;
    return shown.map((image) => viewOf(asked, image, organization));
  },

  imageSummariesByDigest(
    {
      context,
      digests,
      repository,
    }: {
      context: ContextInput;
      digests: readonly string[];
      repository?: { hostName: string; repoName: string } | null;
    },
    asked: Asked,
  ) {
    const organization = organizationOf(asked, context);
    return digests.flatMap((digest) => {
      const image = findImages(asked, organization, digest).find(
        (each) =>
          each.digest === digest &&
          (repository == null ||
            (repository.hostName === hubHost && repository.repoName === pathOf(each.repository))),
      );
      if (!image) return [];
      return {
        digest,
        sbomState: async () => (await analysisOf(asked, image)).sbomState,
        vulnerabilityReport: () => reportOf(asked, image, organization),
      };
    });
  },

  async imagePackagesByDigest(
    {
      context,
      digest,
      query,
    }: ByDigest & {
      query?: { includeExcepted?: boolean | null; includePublic?: boolean | null } | null;
    },
    asked: Asked,
  ) {
    const organization = organizationOf(asked, context);
    const image = one(asked, context, digest, query?.includePublic ?? false);
    if (!image) return null;
    const { sbomState, packages } = await analysisOf(asked, image);
    const findings = await findingsOf(asked, image, organization);
    const shown = grouped(
      findings.filter(({ isExcepted }) => query?.includeExcepted || !isExcepted),
      (finding) => finding.package.purl,
    );
    return {
      digest,
      sbomState,
      imagePackages: {
        packages: packages.map(({ locations, ...each }) => ({
          locations,
          package: {
            ...each,
            vulnerabilities: (shown.get(each.purl) ?? []).map(viewOfMatch),
          },
        })),
      },
      imageLayers: {
        layers: image.described.layers.map((layer, ordinal) => ({ diffId: layer.digest, ordinal })),
      },
    };
  },

  async imageDetectedSecretsByDigest({ context, digest }: ByDigest, asked: Asked) {
    const image = one(asked, context, digest);
    return image ? { digest, secrets: await secretsIn(asked, image) } : null;
  },

  baseImagesByDigest({ context, digest }: ByDigest, asked: Asked) {
    const organization = organizationOf(asked, context);
    const image = one(asked, context, digest);
    if (!image) return [];
    return basesOf(asked, image, organization).map(({ layers, images: found }) => ({
      layerMatches: layers.map((layer, layerOrdinal) => ({
        layerOrdinal,
        layerDigest: layer.digest,
      })),
      images: found.map((each) => viewOf(asked, each, organization)),
    }));
  },
};

/** The image of one platform that a digest names. */
export function one(
  asked: Asked,
  context: ContextInput,
  digest: string,
  alsoPublic = false,
): Image | undefined {
  const found = findImages(asked, organizationOf(asked, context), digest, alsoPublic);
  return found.find((image) => image.digest === digest);
}

function eachOnce(found: readonly Image[]): Image[] {
  const first = new Map<string, Image>();
  for (const image of found) if (!first.has(image.digest)) first.set(image.digest, image);
  return [...first.values()];
}
