/** Exceptions, read and made. */
import { randomUUID } from "node:crypto";

import { written } from "../../state/state.ts";
import {
  type Asked,
  type ContextInput,
  managedOrganization,
  namedOrganization,
  signedIn,
} from "../asked.ts";
import { appliesTo, type Exception, exceptionsOf, type Scope } from "../exceptions/applying.ts";
import { pageOf, type PagingInput } from "../paging.ts";
import { badInput, missing } from "../refusal.ts";
import { type Purl, purlOf } from "../sbom/purl.ts";
import { severityOf } from "../vulnerabilities/database.ts";
import { findCve } from "../vulnerabilities/match.ts";
import { scoreOf } from "../vulnerabilities/view.ts";

interface Filter {
  readonly hostname?: string | null;
  readonly repository?: string | null;
  readonly digest?: string | null;
  readonly orgExceptionsOnly?: boolean | null;
  readonly cveId?: string | null;
  readonly cveIdPrefix?: string | null;
  readonly type?: string | null;
  readonly justification?: string | null;
  readonly sourceType?: string | null;
}

interface ScopeInput {
  readonly hostName?: string | null;
  readonly repoName?: string | null;
  readonly digest?: string | null;
  readonly packageScopes?: readonly { readonly purlFields: Partial<Purl> }[] | null;
}

interface Fields {
  readonly cveId?: string | null;
  readonly type?: string | null;
  readonly justification?: string | null;
  readonly additionalDetails?: string | null;
  readonly imageScopes?: readonly ScopeInput[] | null;
}

interface Made<Input> {
  readonly context: ContextInput;
  readonly input: Input;
}

export const exceptionQueries = {
  vulnerabilityExceptions(
    {
      context,
      query,
    }: { context: ContextInput; query?: { filter?: Filter | null; paging: PagingInput } | null },
    asked: Asked,
  ) {
    const all = exceptionsOf(asked.state, namedOrganization(asked, context));
    return listOf(all, query?.filter, query?.paging);
  },

  vulnerabilityExceptionsApplicableToImage(
    {
      context,
      query,
    }: {
      context: ContextInput;
      query: {
        image: { digest: string; hostname: string; repository: string };
        filter?: Filter | null;
        paging: PagingInput;
      };
    },
    asked: Asked,
  ) {
    const { digest, repository } = query.image;
    const all = exceptionsOf(asked.state, namedOrganization(asked, context));
    const applying = all.filter((each) => appliesTo(each, { repoName: repository, digest }));
    return listOf(applying, query.filter, query.paging);
  },

  vulnerabilityException({ context, id }: { context: ContextInput; id: string }, asked: Asked) {
    const all = exceptionsOf(asked.state, namedOrganization(asked, context));
    const found = all.find((each) => each.id === id);
    return found ? viewOf(found) : null;
  },
};

export const exceptionMutations = {
  addVulnerabilityException({ context, input }: Made<Fields>, asked: Asked) {
    const organization = managedOrganization(asked, context);
    const made: Exception = {
      ...checked({
        cve: input.cveId ?? "",
        type: input.type ?? "",
        justification: input.justification ?? null,
        details: input.additionalDetails ?? "",
        scopes: input.imageScopes ? input.imageScopes.map(scopeOf) : null,
      }),
      id: randomUUID(),
      author: signedIn(asked).account.name,
      written: written(asked.now),
    };
    insert(asked, organization.number, made);
    return { exception: viewOf(made) };
  },

  updateVulnerabilityException(
    { context, input }: Made<Fields & { readonly id: string }>,
    asked: Asked,
  ) {
    const organization = managedOrganization(asked, context);
    const found = exceptionsOf(asked.state, organization).find(({ id }) => id === input.id);
    if (!found) throw missing(`there is no exception ${input.id}`);
    const { imageScopes } = input;
    const made: Exception = {
      ...found,
      ...checked({
        cve: input.cveId ?? found.cve,
        type: input.type ?? found.type,
        justification:
          input.justification === undefined ? found.justification : input.justification,
        details: input.additionalDetails ?? found.details,
        scopes:
          imageScopes === undefined ? found.scopes : imageScopes ? imageScopes.map(scopeOf) : null,
      }),
      written: written(asked.now),
    };
    insert(asked, organization.number, made);
    return { exception: viewOf(made) };
  },

  removeVulnerabilityException(
    { context, input }: Made<{ readonly ids: readonly string[] }>,
    asked: Asked,
  ) {
    const organization = managedOrganization(asked, context);
    const ids = input.ids.filter(
      (id) =>
        asked.state.run(
          "DELETE FROM scout_exceptions WHERE org = ? AND id = ?",
          organization.number,
          id,
        ).changes > 0,
    );
    if (ids.length === 0 && input.ids.length > 0)
      throw missing(`there is no exception ${input.ids[0]}`);
    return { ids };
  },
};

function insert({ state }: Asked, org: number, made: Exception): void {
  state.run(
    "INSERT OR REPLACE INTO scout_exceptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    made.id,
    org,
    made.author,
    made.cve,
    made.type,
    made.justification,
    made.details,
    made.scopes === null ? null : JSON.stringify(made.scopes),
    made.written,
  );
}

type Decision = Pick<Exception, "cve" | "type" | "justification" | "details" | "scopes">;

/** @throws ScoutRefusal BAD_USER_INPUT */
function checked(decision: Decision): Decision {
  if (!/^[A-Za-z][\w-]{2,63}$/.test(decision.cve)) throw badInput("cveId names no vulnerability");
  if (decision.scopes?.length === 0) throw badInput("imageScopes must not be empty");
  if (decision.type === "FALSE_POSITIVE" && decision.justification === null)
    throw badInput("a false positive needs a justification");
  // However it was written: an exception that is listed is one that counts.
  return { ...decision, cve: findCve(decision.cve)?.id ?? decision.cve };
}

function scopeOf({ hostName, repoName, digest, packageScopes }: ScopeInput): Scope {
  return {
    hostName: hostName ?? null,
    repoName: repoName ?? null,
    digest: digest ?? null,
    packages: packageScopes ? packageScopes.map(({ purlFields }) => purlOf(purlFields)) : null,
  };
}

function listOf(
  all: readonly Exception[],
  filter: Filter | null | undefined,
  paging: PagingInput | undefined,
) {
  const wanted = filter ?? {};
  const found = all.filter(
    (each) =>
      (wanted.cveId == null || each.cve === wanted.cveId) &&
      (wanted.cveIdPrefix == null || each.cve.startsWith(wanted.cveIdPrefix)) &&
      (wanted.type == null || each.type === wanted.type) &&
      (wanted.justification == null || each.justification === wanted.justification) &&
      // All are made by hand; none comes of a VEX document.
      wanted.sourceType !== "VEX" &&
      (!wanted.orgExceptionsOnly || each.scopes === null) &&
      names(each, "hostName", wanted.hostname) &&
      names(each, "repoName", wanted.repository) &&
      names(each, "digest", wanted.digest),
  );
  const page = pageOf(found, paging);
  return { ...page, items: page.items.map(viewOf) };
}

function names(
  { scopes }: Exception,
  field: "hostName" | "repoName" | "digest",
  wanted: string | null | undefined,
): boolean {
  return wanted == null || (scopes?.some((scope) => scope[field] === wanted) ?? false);
}

/** The type `VulnerabilityException`, and `ScVulnerabilityException`. */
function viewOf({ id, author, written: timestamp, cve: cveId, type, ...rest }: Exception) {
  const cve = findCve(cveId);
  return {
    id,
    author,
    timestamp,
    type,
    vulnerability: {
      cveId,
      highestSeverity: cve ? severityOf(cve) : null,
      highestCVSSScore: cve ? scoreOf(cve) : null,
    },
    imageScopes:
      rest.scopes?.map(({ packages, ...scope }) => ({
        ...scope,
        packageScopes: packages?.map((purl) => ({ purl })) ?? null,
      })) ?? null,
    reason: { justification: rest.justification, additionalDetails: rest.details },
  };
}
