/** Exceptions: vulnerabilities that an organization decided to live with, and which images that is for. */
import type { Account } from "../../accounts/accounts.ts";
import type { State } from "../../state/state.ts";
import { type Asked, hubHost, once } from "../asked.ts";
import { parsePurl } from "../sbom/purl.ts";

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
  const applying = once(asked, `exceptions ${organization.number}`, () =>
    exceptionsOf(asked.state, organization),
  );
  if (applying.length === 0) return () => false;
  return (cve, purl) =>
    applying.some((exception) => exception.cve === cve && covers(exception, image, purl));
}

/** Whether an exception is for an image at all, whichever package. */
export function appliesTo(exception: Exception, image: Place): boolean {
  return covers(exception, image, undefined);
}

function covers(
  { scopes }: Exception,
  image: Place | undefined,
  purl: string | undefined,
): boolean {
  if (scopes === null) return true;
  return scopes.some(({ hostName, repoName, digest, packages }) => {
    if (hostName !== null && hostName !== hubHost) return false;
    if (repoName !== null && repoName !== image?.repoName) return false;
    if (digest !== null && digest !== image?.digest) return false;
    return (
      packages === null || purl === undefined || packages.some((each) => sameOrWider(each, purl))
    );
  });
}

/** Whether a package is the one of a scope; a scope without a version is for all of them. */
export function sameOrWider(scope: string, purl: string): boolean {
  const [wanted, found] = [parsePurl(scope), parsePurl(purl)];
  if (!wanted || !found) return false;
  return (
    wanted.type === found.type &&
    wanted.namespace === found.namespace &&
    wanted.name === found.name &&
    (wanted.version === null || wanted.version === found.version)
  );
}
