/** An organization: what is analysed, what its plan includes. */
import type { Account } from "../../accounts/accounts.ts";
import { type RepositoryRow, selectRepositories } from "../../repositories.ts";
import {
  type Asked,
  type ContextInput,
  hubHost,
  managedOrganization,
  namedOrganization,
  organizationOf,
  pathOf,
  readable,
  repositoriesOf,
  signedIn,
} from "../asked.ts";
import {
  isAnalysed,
  isBlocked,
  isEnabledOnPush,
  lastChange,
  setAnalysed,
  setBlocked,
  setEnabledOnPush,
} from "../enabled.ts";
import { imagesOfStream, latest } from "../images/stream.ts";
import { isMirror, mirrorsOf } from "../hardened/mirrors.ts";
import { badInput, forbidden, ScoutRefusal } from "../refusal.ts";

interface Named {
  readonly context: ContextInput;
}

/** Repositories that are analysed, by plan; the others have no limit. */
const limits: Readonly<Record<string, number>> = { free: 1, pro: 2 };

export const organizationQueries = {
  async organizationStatus({ context }: Named, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const analysed = (await imagesOfStream(asked, organization, latest)).length > 0;
    return {
      hasImageAnalysisEnabled: enabledOf(asked, organization).length > 0,
      hasAnalyzedImages: analysed,
      hasEverAnalyzedImages: analysed,
      lastRepoEnablementChangeAt: lastChange(asked.state, organization.number),
    };
  },

  namespaceEntitlements({ context }: Named, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const { plan, name: namespace, number } = organization;
    const used = enabledOf(asked, organization).length;
    const limit = limits[plan] ?? null;
    const isExceeded = limit !== null && used > limit;
    const mirrored = mirrorsOf(asked.state, number).length;
    return {
      namespace,
      plan: {
        displayName: plan.charAt(0).toUpperCase() + plan.slice(1),
        isLegacy: false,
        isFree: plan === "free",
      },
      isEnrolled: true,
      featureEntitlements: {
        scoutAPI: { enabled: true, accessRestrictedDueToRepoLimits: false },
        localRepository: { enabled: true },
        remoteRepository: {
          enabled: true,
          accountLimit: limit,
          isUnlimited: limit === null,
          enabledRepoCount: used,
          entitlementUsed: used,
          repoEntitlementExceeded: isExceeded,
        },
        configurablePolicy: { enabled: plan !== "free" },
        dhi: {
          dhiEnabled: plan !== "free",
          canViewCatalog: true,
          canMirrorMoreRepositories: plan !== "free",
          repositoriesLimit: plan === "free" ? 0 : 100,
          mirroredRepositoriesCount: mirrored,
          freeTrial: false,
          freeTrialEndDate: null,
        },
      },
    };
  },

  listEnabledRepos({ context }: Named, asked: Asked) {
    const repos = enabledOf(asked, namedOrganization(asked, context));
    return { repos: listed(asked, repos), count: repos.length, entitlementUsed: repos.length };
  },

  listBlockedRepos({ context }: Named, asked: Asked) {
    const repos = repositoriesOf(asked, namedOrganization(asked, context)).filter((row) =>
      isBlocked(asked.state, row),
    );
    return { repos: listed(asked, repos), count: repos.length };
  },

  shouldEnableReposOnPush({ context }: Named, asked: Asked) {
    return { enabled: isEnabledOnPush(asked.state, namedOrganization(asked, context).number) };
  },

  repoFeatures({ context, repoName }: Named & { repoName: string }, asked: Asked) {
    organizationOf(asked, context);
    const enabled = isAnalysed(asked.state, readable(asked, repoName));
    return { vulnerabilityReporting: { enabled } };
  },

  user(_: object, asked: Asked) {
    const { id, email, full_name: name, name: username } = signedIn(asked).account;
    return { id, email, name, username, avatarUrl: null };
  },

  serviceStatus: () => ({ maintenance: null }),
};

export const organizationMutations = {
  setRepoVulnerabilityReporting(
    {
      context,
      reporting: { repoName, enabled },
    }: { context?: ContextInput | null; reporting: { repoName: string; enabled: boolean } },
    asked: Asked,
  ) {
    switchOne(asked, context ?? {}, repoName, enabled);
    return { enabled };
  },

  setMultiRepoVulnerabilityReporting(
    {
      context,
      reporting: { repoNames, enabled },
    }: {
      context?: ContextInput | null;
      reporting: { repoNames: readonly string[]; enabled: boolean };
    },
    asked: Asked,
  ) {
    return repoNames.map((name) => {
      const { namespace, name: repoName } = switchOne(asked, context ?? {}, name, enabled);
      return { namespace, repoName, hostName: hubHost, vulnerabilityReporting: { enabled } };
    });
  },

  setEnableReposOnPush(
    { context, input: { enabled } }: Named & { input: { enabled: boolean } },
    asked: Asked,
  ) {
    setEnabledOnPush(asked.state, managedOrganization(asked, context), enabled);
    return { enabled };
  },

  setReposBlocked(
    {
      context,
      input: { repoNames, blocked },
    }: Named & { input: { repoNames: readonly string[]; blocked: boolean } },
    asked: Asked,
  ) {
    const organization = managedOrganization(asked, context);
    return repoNames.map((name) => {
      const repository = ownedBy(asked, organization, name);
      setBlocked(asked.state, repository, blocked, asked.now);
      const { namespace, name: repoName } = repository;
      return { hostName: hubHost, namespace, repoName, blocked };
    });
  },
};

/** A context may be left out: then the namespace of the repository is meant. */
function switchOne(asked: Asked, context: ContextInput, path: string, enabled: boolean) {
  const named = context.organization ?? context.namespace ?? path.split("/")[0] ?? "";
  const organization = managedOrganization(asked, { organization: named });
  const repository = ownedBy(asked, organization, path);
  if (enabled && isBlocked(asked.state, repository)) throw badInput(`${path} is blocked`);
  const limit = limits[organization.plan];
  const others = allOf(asked, organization).filter(
    (row) => row.id !== repository.id && isAnalysed(asked.state, row),
  );
  if (enabled && limit !== undefined && others.length >= limit)
    throw new ScoutRefusal(
      402,
      "ENTITLEMENT_EXCEEDED",
      `the plan ${organization.plan} includes ${limit} repositories`,
    );
  setAnalysed(asked.state, repository, enabled, asked.now);
  return repository;
}

function ownedBy(asked: Asked, organization: Account, path: string): RepositoryRow {
  const full = path.includes("/") ? path : `${organization.name}/${path}`;
  const repository = readable(asked, full);
  if (repository.owner !== organization.number) throw forbidden();
  return repository;
}

function enabledOf(asked: Asked, organization: Account): RepositoryRow[] {
  return repositoriesOf(asked, organization).filter((row) => isAnalysed(asked.state, row));
}

function allOf({ state }: Asked, { number }: Account): RepositoryRow[] {
  return state.all<RepositoryRow>(`${selectRepositories} WHERE r.owner = ?`, number);
}

function listed({ state }: Asked, rows: readonly RepositoryRow[]) {
  return rows.map((row) => ({
    hostName: hubHost,
    repoName: pathOf(row),
    type: isMirror(state, row.id) ? "dhi_mirror" : "standard",
  }));
}
