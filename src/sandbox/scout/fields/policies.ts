/** Policies, and what complies with them. */
import type { Account } from "../../accounts/accounts.ts";
import { written } from "../../state/state.ts";
import {
  type Asked,
  type ContextInput,
  hubHost,
  namedOrganization,
  once,
  pathOf,
} from "../asked.ts";
import { chosenBy, type Filtered, type ImageFilter } from "../images/chosen.ts";
import { configOf } from "../images/config.ts";
import { type Image, platformOf, tagsOf } from "../images/image.ts";
import { imagesOfStream, latest } from "../images/stream.ts";
import { viewOfTag } from "../images/view.ts";
import { pageOf, type PagingInput } from "../paging.ts";
import { configurationName, type Deviation, policies, type Policy } from "../policies/policies.ts";
import { badInput, missing } from "../refusal.ts";
import { one } from "./images.ts";

interface Asking<Query> {
  readonly context: ContextInput;
  readonly query: Query;
}

interface SummaryQuery extends Filtered {
  readonly stream?: string | null;
  readonly deltaTimestamp?: string | null;
  readonly definitionName?: string | null;
  readonly configurationName?: string | null;
}

/** Milliseconds: changes of a week are counted, unless somebody says since when. */
const week = 7 * 24 * 3600_000;

export const policyQueries = {
  async goalResultSummaries({ context, query }: Asking<SummaryQuery>, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const stream = query.stream ?? latest;
    const isChosen = chosenBy(asked, organization, query);
    const images = (await imagesOfStream(asked, organization, stream)).filter(isChosen);
    const timestamp = query.deltaTimestamp ?? written(asked.now - week);
    const since = Date.parse(timestamp);
    if (Number.isNaN(since)) throw badInput("deltaTimestamp is no time");
    const items = [];
    for (const policy of policies) {
      if (query.definitionName != null && query.definitionName !== policy.name) continue;
      if (query.configurationName != null && query.configurationName !== configurationName)
        continue;
      const now = await countsOf(asked, organization, policy, images);
      const before = await countsOf(
        asked,
        organization,
        policy,
        images.filter(({ pushed }) => Date.parse(pushed) <= since),
      );
      items.push({
        policy: {
          definitionName: policy.name,
          configurationName,
          displayName: policy.displayName,
          description: policy.description,
          resultType: policy.resultType,
          owner: "DOCKER",
          enabled: true,
          remediationLink: null,
        },
        stream,
        ...now,
        delta: {
          totalImages: now.totalImages - before.totalImages,
          compliantImages: now.compliantImages - before.compliantImages,
          totalDeviations: now.totalDeviations - before.totalDeviations,
          unknownImages: now.unknownImages - before.unknownImages,
          timestamp,
        },
      });
    }
    return { items };
  },

  async goalResultsByDigest({ context, query }: Asking<{ digest: string }>, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const image = one(asked, context, query.digest);
    if (!image) return null;
    return {
      ...imageOf(asked, image),
      policies: await resultsOf(asked, image, organization),
    };
  },

  async goalResults(
    {
      context,
      query,
    }: Asking<{
      definitionName: string;
      configurationName: string;
      stream: string;
      paging?: PagingInput | null;
      filter?: (ImageFilter & { policyState?: string | null }) | null;
    }>,
    asked: Asked,
  ) {
    const organization = namedOrganization(asked, context);
    const policy = policies.find(({ name }) => name === query.definitionName);
    if (!policy || query.configurationName !== configurationName)
      throw missing(`there is no policy ${query.definitionName} ${query.configurationName}`);
    const isChosen = chosenBy(asked, organization, query);
    const items = [];
    for (const image of await imagesOfStream(asked, organization, query.stream)) {
      if (!isChosen(image)) continue;
      const deviations = await evaluated(asked, organization, policy, image);
      const wanted = query.filter?.policyState;
      if (wanted != null && wanted !== stateOf(deviations)) continue;
      const view = viewOf(policy, image, deviations);
      items.push({ latestImage: { ...imageOf(asked, image), policies: [view] }, policy: view });
    }
    return pageOf(items, query.paging);
  },
};

/** What a policy says of an image, found out once. */
function evaluated(asked: Asked, organization: Account, policy: Policy, image: Image) {
  const name = `${policy.name} ${organization.number} ${image.repository.id} ${image.digest}`;
  return once(asked, name, () => policy.evaluate(asked, image, organization));
}

/** What each policy says of an image. */
export async function resultsOf(asked: Asked, image: Image, organization: Account) {
  const results = [];
  for (const policy of policies)
    results.push(viewOf(policy, image, await evaluated(asked, organization, policy, image)));
  return results;
}

export interface PolicyCounts {
  readonly totalImages: number;
  readonly compliantImages: number;
  readonly totalDeviations: number;
  readonly unknownImages: number;
}

/** How many images comply with a policy. */
export async function countsOf(
  asked: Asked,
  organization: Account,
  policy: Policy,
  images: readonly Image[],
): Promise<PolicyCounts> {
  let [compliantImages, totalDeviations, unknownImages] = [0, 0, 0];
  for (const image of images) {
    const deviations = await evaluated(asked, organization, policy, image);
    if (deviations === undefined) unknownImages += 1;
    else if (deviations.length === 0) compliantImages += 1;
    totalDeviations += deviations?.length ?? 0;
  }
  return { totalImages: images.length, compliantImages, totalDeviations, unknownImages };
}

export function stateOf(deviations: readonly Deviation[] | undefined): string {
  if (deviations === undefined) return "unknown";
  return deviations.length === 0 ? "compliant" : "noncompliant";
}

/** The type `ScPolicyImage`, but for its policies. */
function imageOf(asked: Asked, image: Image) {
  return {
    digest: image.digest,
    tags: tagsOf(asked, image).map(viewOfTag),
    repository: { hostName: hubHost, repoName: pathOf(image.repository) },
    createdAt: async () => (await configOf(asked, image)).created ?? image.pushed,
    platform: platformOf(image),
  };
}

/** A member of the union `BaseScPolicy`. */
function viewOf(
  { kind, name, displayName, description, licenses = [] }: Policy,
  image: Image,
  deviations: readonly Deviation[] | undefined,
) {
  const statusLabel = stateOf(deviations);
  const [deviation = null] = deviations ?? [];
  return {
    __typename: kind,
    definitionName: name,
    configurationName,
    displayName,
    description,
    licenses,
    remediationLink: null,
    evaluated: deviations !== undefined,
    currentResult: deviations && {
      statusLabel,
      createdDateTime: image.pushed,
      isStale: false,
      deviations,
      deviationCount: deviations.length,
      hasDeviation: deviation !== null,
      deviation,
    },
  };
}
