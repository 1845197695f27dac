/**
 * Repositories of an organization that mirror Docker Hardened Images. `mirrors` is what Docker's own MCP server asks
 * (github.com/docker/hub-mcp); the rest is in the schema that comes with it.
 */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { contextOf, given, organization, pages, pagingOf } from "../parameters.ts";

const destination = z.looseObject({
  hostname: z.string(),
  namespace: z.string(),
  name: z.string(),
});
const source = destination.extend({ displayName: z.string() });
const mirror = z.looseObject({
  id: z.string(),
  destinationRepository: destination,
  dhiSourceRepository: source,
});
/** A repository that mirrors hardened images. */
export interface Mirror extends z.infer<typeof mirror> {}
const Mirror = named<Mirror>(mirror);
const mirrorFields = `id destinationRepository { hostname namespace name }
      dhiSourceRepository { hostname namespace name displayName }`;

const list = z.looseObject({
  mirroredRepositories: z.array(Mirror),
  totalCount: z.int(),
  canMirrorMoreRepositories: z.boolean(),
});
/** Mirrors of an organization. */
export interface Mirrors extends z.infer<typeof list> {}

/** Lists the repositories of an organization that mirror hardened images. */
export const mirrors = query({
  summary: "Lists the repositories of an organization that mirror hardened images.",
  effect: "read",
  input: z.strictObject({ organization }),
  output: named<Mirrors>(list),
  document: `query mirrors($context: Context!) {
  dhiListMirroredRepositories(context: $context) {
    totalCount canMirrorMoreRepositories
    mirroredRepositories { ${mirrorFields} }
  }
}`,
  variables: ({ organization: name }) => ({ context: contextOf(name) }),
});

const some = z.looseObject({ mirroredRepositories: z.array(Mirror) });
/** Mirrors of one repository of hardened images. */
export interface MirrorsOf extends z.infer<typeof some> {}

/** Lists the mirrors that an organization has of one repository of hardened images. */
export const mirrorsOf = query({
  summary: "Lists the mirrors that an organization has of one repository of hardened images.",
  effect: "read",
  input: z.strictObject({
    organization,
    namespace: z.string().min(1).describe("Namespace of the hardened repository"),
    name: z.string().min(1).describe("Name of the hardened repository: dhi-python"),
  }),
  output: named<MirrorsOf>(some),
  document: `query mirrorsOf($context: Context!, $query: DhiGetMirroredRepositoriesBySourceRepositoryQuery!) {
  dhiGetMirroredRepositoriesBySourceRepository(context: $context, query: $query) {
    mirroredRepositories { ${mirrorFields} }
  }
}`,
  variables: ({ organization: name, ...rest }) => ({
    context: contextOf(name),
    query: { dhiSourceRepository: rest },
  }),
});

const log = z.looseObject({
  id: z.string(),
  /** ONBOARDING or PUSH. */
  reason: z.string(),
  /** REQUESTED, STARTED, FAILED or SUCCEEDED. */
  status: z.string(),
  sourceRepository: source,
  destinationRepository: destination,
  tag: z.string(),
  digest: z.string(),
  triggeredAt: z.string(),
  pushedAt: z.string().nullish(),
  startedAt: z.string().nullish(),
  completedAt: z.string().nullish(),
});
/** One image that was mirrored, or was to be. */
export interface MirroringLog extends z.infer<typeof log> {}
const logs = z.looseObject({ items: z.array(named<MirroringLog>(log)) });
/** What was mirrored, and whether it worked. */
export interface MirroringLogs extends z.infer<typeof logs> {}

const statuses = z.array(z.enum(["REQUESTED", "STARTED", "FAILED", "SUCCEEDED"])).optional();

/** Lists what was mirrored, and whether it worked. */
export const mirroringLogs = query({
  summary: "Lists what was mirrored, and whether it worked.",
  effect: "read",
  input: z.strictObject({
    organization,
    includedStatuses: statuses.describe("Only these"),
    excludedStatuses: statuses.describe("None of these"),
    triggeredSince: z.string().optional().describe("Only since this moment"),
    page: pages.page,
    pageSize: z.int().min(1).optional().describe("Items on a page, 100 unless said"),
  }),
  output: named<MirroringLogs>(logs),
  paging: { style: "graphql", items: "items", size: { preset: 100, largest: 100 } },
  document: `query mirroringLogs($context: Context!, $query: DhiListMirroringLogsQuery) {
  dhiListMirroringLogs(context: $context, query: $query) {
    items {
      id reason status tag digest triggeredAt pushedAt startedAt completedAt
      sourceRepository { hostname namespace name displayName }
      destinationRepository { hostname namespace name }
    }
  }
}`,
  variables: ({ organization: name, ...rest }) => ({
    context: contextOf(name),
    query: given(pagingOf(rest)),
  }),
});
