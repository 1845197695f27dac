/**
 * Scopes of an organization's access tokens: which there are, and what each includes.
 * Source: Docker's docs, "Access token reference".
 */
import { fitsPattern } from "../wildcard.ts";

/** What a token opens, and how far. */
export interface Resource {
  readonly type: "TYPE_REPO" | "TYPE_ORG";
  /** `acme/app`, `acme/*`, or all public repositories: {@link publicPath}; the organization's name for `TYPE_ORG`. */
  readonly path: string;
  readonly scopes: string[];
}

const publicPath = "*/*/public";

/** Each includes those after it. */
const ladders = {
  TYPE_REPO: [
    ["image-delete", "image-push", "image-pull"],
    ["repository-admin", "repository-edit", "repository-read"],
    ["tag-admin", "tag-read"],
    ["webhook-admin", "webhook-edit", "webhook-read"],
    ["repo-group-admin", "repo-group-edit", "repo-group-read"],
    ["repository-settings-admin"],
  ],
  TYPE_ORG: [
    ["member-edit", "member-read"],
    ["invite-edit", "invite-read"],
    ["group-edit", "group-read"],
    ["activity-read"],
    ["siem_credentials-read"],
    ["ram-write", "ram-read"],
    ["report-read"],
    ["repository-create"],
    ["repository-list"],
    ["registry-usage-read"],
    ["cloud-connect"],
    ["audit_events-read"],
    ["governance-policy-write", "governance-policy-read"],
  ],
} as const;

export type RepositoryScope = (typeof ladders.TYPE_REPO)[number][number];
export type OrganizationScope = (typeof ladders.TYPE_ORG)[number][number];

/** What may be done with public repositories of others. */
const reading = new Set<RepositoryScope>(["image-pull", "repository-read", "tag-read"]);

export function isScope(type: Resource["type"], scope: string): boolean {
  return ladderOf(type, scope) !== undefined;
}

/** Whether a path may stand in a resource of an organization's token, whatever is there. */
export function isPath(type: Resource["type"], path: string, org: string): boolean {
  if (type === "TYPE_ORG") return path === org;
  return path === publicPath || (path.startsWith(`${org}/`) && path.split("/").length === 2);
}

/** A repository as far as a token is concerned. */
export interface Place {
  /** Namespace and name. */
  readonly path: string;
  readonly isPrivate: boolean;
}

/** Whether resources allow this with a repository. */
export function allowRepository(
  resources: readonly Resource[],
  { path, isPrivate }: Place,
  scope: RepositoryScope,
): boolean {
  return resources.some((resource) => {
    if (resource.type !== "TYPE_REPO" || !gives(resource, scope)) return false;
    if (resource.path === publicPath) return !isPrivate && reading.has(scope);
    return fitsPattern(resource.path, path);
  });
}

/** Whether resources name a repository of their organization at all. */
export function nameRepository(resources: readonly Resource[], path: string): boolean {
  return resources.some(
    (resource) =>
      resource.type === "TYPE_REPO" &&
      resource.path !== publicPath &&
      fitsPattern(resource.path, path),
  );
}

/** Whether resources allow this with their organization. */
export function allowOrganization(
  resources: readonly Resource[],
  scope: OrganizationScope,
): boolean {
  return resources.some((resource) => resource.type === "TYPE_ORG" && gives(resource, scope));
}

function gives({ type, scopes }: Resource, wanted: string): boolean {
  const ladder = ladderOf(type, `scope-${wanted}`) ?? [];
  return scopes.some((scope) => {
    const place = ladder.indexOf(scope.replace(/^scope-/, ""));
    return place >= 0 && place <= ladder.indexOf(wanted);
  });
}

function ladderOf(type: Resource["type"], scope: string): readonly string[] | undefined {
  if (!scope.startsWith("scope-")) return undefined;
  const rungs: readonly (readonly string[])[] = ladders[type];
  return rungs.find((ladder) => ladder.includes(scope.slice("scope-".length)));
}
