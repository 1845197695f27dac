/** Exceptions: vulnerabilities that an organization decided to live with, and which images that is for. */
import type { Account } from "../../accounts/accounts.ts";
import type { State } from "../../state/state.ts";
import { type Asked, hubHost, once } from "../asked.ts";
import { grouped } from "../grouped.ts";
import { packageSet } from "./packages.ts";

export interface Scope {
  readonly hostName: string | null;
  readonly repoName: string | null;
  readonly digest: string | null;
  /** Package URLs; null for every package. */
  readonly packages: readonly string[] | null;
}

export interface Exception {
  readonly id: string;
  readonly author: string;
  readonly cve: string;
  readonly type: string;
  readonly justification: string | null;
  readonly details: string;
  /** Null for every image of the organization. */
  readonly scopes: readonly Scope[] | null;
  readonly written: string;
}

interface Row extends Omit<Exception, "scopes"> {
  readonly scopes: string | null;
}

/** All of an organization, the newest first. */
export function exceptionsOf(state: State, { number }: Pick<Account, "number">): Exception[] {
  return state
    .all<Row>("SELECT * FROM scout_exceptions WHERE org = ? ORDER BY written DESC, id", number)
    .map((row) => ({
      ...row,
      scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as Scope[]),
    }));
}

interface Place {
  readonly repoName: string;
  readonly digest: string;
}

/** Tells of a vulnerability of a package of an image whether an exception is made for it. */
export function exceptedIn(
  asked: Asked,
  organization: Account | undefined,
  image: Place | undefined,
): (cve: string, purl: string) => boolean {
  if (!organization) return () => false;
  const byCve = once(asked, `exceptions ${organization.number}`, () =>
    grouped(exceptionsOf(asked.state, organization), ({ cve }) => cve),
  );
  const sets = new Map<string, (purl: string) => boolean>();
  return (cve, purl) => {
    let has = sets.get(cve);
    if (!has) {
      const scopes = (byCve.get(cve) ?? []).flatMap((each) => scopesFor(each, image));
      sets.set(cve, (has = packageSet(scopes.map(({ packages }) => packages))));
    }
    return has(purl);
  };
}

/** Whether an exception is for an image at all, whichever package. */
export function appliesTo(exception: Exception, image: Place): boolean {
  return scopesFor(exception, image).length > 0;
}

/** Which packages of an image an exception is for. */
function scopesFor({ scopes }: Exception, image: Place | undefined): Pick<Scope, "packages">[] {
  if (scopes === null) return [{ packages: null }];
  return scopes.filter(
    ({ hostName, repoName, digest }) =>
      (hostName === null || hostName === hubHost) &&
      (repoName === null || repoName === image?.repoName) &&
      (digest === null || digest === image?.digest),
  );
}
