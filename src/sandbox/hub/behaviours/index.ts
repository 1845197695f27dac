/** What the operations of Hub do, an area a file; what is not here is answered 501. */
import type * as catalogue from "../../../hub/catalogue.ts";
import type { Behaviours } from "../context.ts";
import { accessTokens } from "./accessTokens.ts";
import { auditLogs } from "./auditLogs.ts";
import { analytics } from "./analytics.ts";
import { auth } from "./auth.ts";
import { builds } from "./builds.ts";
import { categories } from "./categories.ts";
import { collaborators } from "./collaborators.ts";
import { comments } from "./comments.ts";
import { dockerfile } from "./dockerfile.ts";
import { groups } from "./groups.ts";
import { immutableTags } from "./immutableTags.ts";
import { invites } from "./invites.ts";
import { manifests } from "./manifests.ts";
import { orgAccessTokens } from "./orgAccessTokens.ts";
import { orgMembers } from "./orgMembers.ts";
import { orgSettings, registryAccess } from "./orgSettings.ts";
import { orgs } from "./orgs.ts";
import { plans } from "./plans.ts";
import { repositories } from "./repositories.ts";
import { repositoryGroups } from "./repositoryGroups.ts";
import { scim } from "./scim.ts";
import { search } from "./search.ts";
import { stars } from "./stars.ts";
import { tags } from "./tags.ts";
import { users } from "./users.ts";
import { webhookPipelines } from "./webhookPipelines.ts";
import { webhooks } from "./webhooks.ts";

type Catalogue = typeof catalogue;

export const behaviours: { readonly [Area in keyof Catalogue]?: Behaviours<Catalogue[Area]> } = {
  accessTokens,
  analytics,
  auditLogs,
  auth,
  builds,
  categories,
  collaborators,
  comments,
  dockerfile,
  groups,
  immutableTags,
  invites,
  manifests,
  orgAccessTokens,
  orgMembers,
  orgSettings,
  orgs,
  plans,
  registryAccess,
  repositories,
  repositoryGroups,
  scim,
  search,
  stars,
  tags,
  users,
  webhookPipelines,
  webhooks,
};
