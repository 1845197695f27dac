/** Better tags of a repository: those whose image has fewer vulnerabilities, or is smaller. */
import type { Account } from "../../accounts/accounts.ts";
import { atLeast, levelOf } from "../../accounts/permissions.ts";
import { findByPath, type RepositoryRow } from "../../repositories.ts";
import { type Asked, type ContextInput, organizationOf, pathOf } from "../asked.ts";
import { analysisOf, type Report, reportOf } from "../images/analysis.ts";
import { configOf } from "../images/config.ts";
import { findImages, type Image, imagesBehind, type Tag, tagsIn, tagsOf } from "../images/image.ts";
import { platformText } from "../images/stream.ts";

/** The type `TrDockerTag`, and what it is compared by. */
interface Candidate {
  readonly image: Image;
  readonly tag: Tag;
  readonly report: Report | null;
  readonly packageCount: number;
  readonly createdAt: string;
}

export const recommendations = {
  async tagRecommendationsByDigest(
    {
      context,
      digest,
      repository,
    }: { context: ContextInput; digest: string; repository?: string | null },
    asked: Asked,
  ) {
    const organization = organizationOf(asked, context);
    const image = findImages(asked, organization, digest, true).find(
      (each) =>
        (each.digest === digest || repository == null) &&
        (repository == null || pathOf(each.repository) === repository) &&
        tagsOf(asked, each).length > 0,
    );
    return image ? recommend(asked, organization, image, tagsOf(asked, image)) : null;
  },

  async tagRecommendationsByRepositoryAndTag(
    { context, repository, tag }: { context: ContextInput; repository: string; tag: string },
    asked: Asked,
  ) {
    const organization = organizationOf(asked, context);
    const row = findByPath(asked.state, repository);
    if (!row || !atLeast(levelOf(asked.state, asked.identity, row), "read")) return null;
    const current = tagsIn(asked, row).find(({ name }) => name === tag);
    const behind = current ? imagesBehind(asked, row, current.digest) : [];
    const image = behind.find((each) => platformText(each) === "linux/amd64") ?? behind[0];
    return image && current ? recommend(asked, organization, image, [current]) : null;
  },
};

/** The type `TrRecommendedTags`. */
async function recommend(
  asked: Asked,
  organization: Account | undefined,
  image: Image,
  tags: readonly Tag[],
) {
  const { repository } = image;
  const others: Candidate[] = [];
  for (const tag of tagsIn(asked, repository)) {
    const sibling = imagesBehind(asked, repository, tag.digest).find(
      (each) => platformText(each) === platformText(image) && each.digest !== image.digest,
    );
    if (sibling && !others.some((other) => other.image.digest === sibling.digest))
      others.push(await candidate(asked, organization, sibling, tag));
  }
  const items = [];
  for (const tag of tags) {
    const current = await candidate(asked, organization, image, tag);
    const better = others
      .map((other) => ({ ...other, details: detailsOf(current, other) }))
      .filter(({ details }) => totalOf(details) > 0)
      .toSorted((one, other) => totalOf(other.details) - totalOf(one.details));
    items.push({
      currentTag: viewOf(asked, current),
      recommendedTags: better.map(({ details, ...each }) => viewOf(asked, each, details)),
    });
  }
  return { repository: repositoryOf(repository), recommendations: items };
}

async function candidate(
  asked: Asked,
  organization: Account | undefined,
  image: Image,
  tag: Tag,
): Promise<Candidate> {
  return {
    image,
    tag,
    report: await reportOf(asked, image, organization),
    packageCount: (await analysisOf(asked, image)).packages.length,
    createdAt: (await configOf(asked, image)).created ?? image.pushed,
  };
}

interface Detail {
  readonly name: string;
  readonly reason: string;
  readonly score: number;
}

function detailsOf(current: Candidate, other: Candidate): Detail[] {
  const details: Detail[] = [];
  const [before, after] = [current.report?.total, other.report?.total];
  if (before !== undefined && after !== undefined && after !== before)
    details.push({
      name: "vulnerabilities",
      reason: `${Math.abs(before - after)} vulnerabilities ${after < before ? "fewer" : "more"}`,
      score: after < before ? 2 : -2,
    });
  const saved = current.image.described.size - other.image.described.size;
  if (saved !== 0)
    details.push({
      name: "size",
      reason: `${Math.abs(saved)} bytes ${saved > 0 ? "smaller" : "larger"}`,
      score: saved > 0 ? 1 : -1,
    });
  return details;
}

function totalOf(details: readonly Detail[]): number {
  return details.reduce((sum, { score }) => sum + score, 0);
}

function viewOf(asked: Asked, { image, tag, report, ...rest }: Candidate, details?: Detail[]) {
  const tags = tagsOf(asked, image).map(({ name }) => name);
  return {
    digest: image.digest,
    indexDigest: tag.digest === image.digest ? null : tag.digest,
    createdAt: rest.createdAt,
    packageCount: rest.packageCount,
    imageSize: image.described.size,
    tags,
    aliases: tags.filter((name) => name !== tag.name),
    vulnerabilityReport: report,
    tag: {
      name: tag.name,
      os: image.described.os,
      framework: null,
      runtime: null,
      flavor: null,
      slim: /(?:^|-)slim(?:-|$)/.test(tag.name),
    },
    scoring: details
      ? {
          total: totalOf(details),
          summary: details.map(({ reason }) => reason).join(", "),
          details,
        }
      : null,
  };
}

function repositoryOf(row: RepositoryRow) {
  return {
    name: pathOf(row),
    pullCount: row.pulls,
    starCount: row.stars,
    description: row.description,
  };
}
