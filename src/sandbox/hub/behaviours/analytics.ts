/**
 * How often a publisher's public images were pulled: for the members of organizations that have a publisher's badge. Of private
 * repositories nothing is told, for not every member may know of them.
 */
import type * as declared from "../../../hub/operations/analytics.ts";
import type { Account } from "../../accounts/accounts.ts";
import { downloadUrl } from "../../analytics/downloads.ts";
import { fileSizes } from "../../analytics/exports.ts";
import { dayOf, isComplete, type Span, type SpanKind, spanOf } from "../../analytics/spans.ts";
import { findRepository } from "../../repositories.ts";
import { type Behaviours, type Context, signedIn } from "../context.ts";
import { notFound } from "../refusal.ts";

const views = ["raw", "summary", "repo-summary", "namespace-summary"];

export const analytics: Behaviours<typeof declared> = {
  listNamespaces: (context) => ({ namespaces: publishers(context).map(({ name }) => name) }),
  listNamespaceMetadata: (context) => publishers(context).map(metadataOf),
  getNamespace: (context, { namespace }) => metadataOf(publisher(context, namespace)),

  getNamespacePulls: (context, { namespace, ...question }) => ({
    pulls: pullsOf(context, publisher(context, namespace), undefined, question),
  }),

  getRepositoryPulls: (context, { namespace, repo, ...question }) => ({
    pulls: pullsOfRepository(context, namespace, repo, question),
  }),

  getManyRepositoriesPulls: (context, { repos, ...question }) => ({
    repos: Object.fromEntries(
      repos.map((path) => {
        const [namespace = "", repo = ""] = path.split("/");
        return [path, { pulls: pullsOfRepository(context, namespace, repo, question) }];
      }),
    ),
  }),

  listYears(context, { namespace }) {
    const owner = publisher(context, namespace);
    // A year's first weeks are over before its first month is.
    const years = (["months", "weeks"] as const).flatMap((kind) =>
      completeSpans(context, owner, kind).map(({ year }) => year),
    );
    return { years: [...new Set(years)].toSorted((a, b) => a - b).map((year) => ({ year })) };
  },

  listTimespans(context, { namespace, year, timespantype }) {
    const spans = completeSpans(context, publisher(context, namespace), timespantype).filter(
      (span) => span.year === year,
    );
    return timespantype === "months"
      ? { months: spans.map(({ number }) => ({ month: number })) }
      : { weeks: spans.map(({ number }) => ({ week: number })) };
  },

  getTimespan(context, { namespace, ...wanted }) {
    const { kind, number } = exported(context, publisher(context, namespace), wanted);
    return kind === "months" ? { month: number } : { week: number };
  },

  listExportFiles(context, { namespace, dataview: view, ...wanted }) {
    const { state, url, now } = context;
    const { name, number } = publisher(context, namespace);
    const span = exported(context, { number }, wanted);
    const base = url.origin + url.pathname.slice(0, url.pathname.indexOf("/api/publisher/"));
    const sizes = fileSizes(state, number, span, view);
    return {
      data: sizes.map((size, part) => ({
        url: downloadUrl(
          state,
          base,
          { namespace: name, kind: span.kind, start: span.start, view, part },
          now,
        ),
        size,
      })),
    };
  },
};

interface Question {
  readonly timespan?: SpanKind | undefined;
  readonly period?: string | undefined;
  readonly group?: "repo" | "namespace" | undefined;
}

/** Publishers among the organizations of whoever asks. Source: Docker's docs, "Insights and analytics": all members see it. */
function publishers(context: Context): Account[] {
  return context.state.all<Account>(
    `SELECT a.* FROM accounts a JOIN members m ON m.org = a.number
     WHERE m.account = ? AND a.badge IN ('verified_publisher', 'open_source') ORDER BY a.name`,
    signedIn(context).account.number,
  );
}

/** @throws HubRefusal 404 for all that one may not see */
function publisher(context: Context, namespace: string): Account {
  const found = publishers(context).find(({ name }) => name === namespace.toLowerCase());
  if (!found) throw notFound(`namespace ${namespace} not found`);
  return found;
}

function metadataOf({ name }: Account) {
  return {
    namespace: name,
    extraRepos: [],
    datasets: [{ name: "pulls", views: [...views], timespans: ["months", "weeks"] }],
  };
}

function pullsOfRepository(context: Context, namespace: string, repo: string, question: Question) {
  const owner = publisher(context, namespace);
  const row = findRepository(context.state, namespace, repo);
  if (!row || row.is_private === 1) throw notFound(`repository ${namespace}/${repo} not found`);
  return pullsOf(context, owner, row.id, question);
}

interface PullDay {
  readonly day: string;
  readonly repo: string;
  readonly namespace: string;
  readonly address: string;
  readonly country: string;
  readonly count: number;
}

/** Pulls by tag and by digest; whoever only looks whether there is something newer pulls nothing. */
function pullsOf(
  { state, now }: Context,
  owner: Account,
  repository: number | undefined,
  { timespan = "months", period = "last-3-months", group = "repo" }: Question,
) {
  const today = new Date(now);
  const back = Number(/\d+/.exec(period)![0]);
  const first = dayOf(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1));
  // Weeks are told whole, as exports have them.
  const since = spanOf(first, timespan).start;
  const rows = state.all<PullDay>(
    `SELECT day, r.name AS repo, ?2 AS namespace, address, country, count FROM pull_log l
     JOIN repositories r ON r.id = l.repository
     WHERE r.owner = ?1 AND r.is_private = 0 AND (?3 IS NULL OR r.id = ?3) AND day >= ?4 AND action <> 'version_check'
     ORDER BY day, r.name`,
    owner.number,
    owner.name,
    repository ?? null,
    since,
  );
  const spans = new Map<string, Span>();
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const span = spans.get(row.day) ?? spanOf(row.day, timespan);
    spans.set(row.day, span);
    const name = row[group];
    const key = `${span.start} ${name}`;
    const { namespace, repo } = row;
    const where = group === "repo" ? { namespace, repo } : { namespace };
    const found = groups.get(key) ?? {
      span,
      where,
      count: 0,
      addresses: new Set(),
      countries: new Set(),
    };
    groups.set(key, found);
    found.count += row.count;
    found.addresses.add(row.address);
    found.countries.add(row.country);
  }
  return [...groups.values()].map(({ span, where, count, addresses, countries }) => ({
    start: `${span.start}T00:00:00Z`,
    end: `${span.end}T00:00:00Z`,
    ...where,
    pullCount: count,
    ipCount: addresses.size,
    country: countries.size === 1 ? [...countries][0]! || null : null,
  }));
}

/** Pulls that are told together. */
interface Group {
  readonly span: Span;
  readonly where: { readonly namespace: string; readonly repo?: string };
  count: number;
  readonly addresses: Set<string>;
  /** Two letters each, or nothing where it is not known; only one that all of them come from is told. */
  readonly countries: Set<string>;
}

/** Months or weeks that are over and have something in them, oldest first. */
function completeSpans(
  { state, now }: Context,
  { number }: Pick<Account, "number">,
  kind: SpanKind,
): Span[] {
  const days = state.all<{ day: string }>(
    `SELECT DISTINCT day FROM pull_log l JOIN repositories r ON r.id = l.repository
     WHERE r.owner = ? AND r.is_private = 0 ORDER BY day`,
    number,
  );
  const spans = new Map<string, Span>();
  for (const { day } of days) {
    const span = spanOf(day, kind);
    if (isComplete(span, now)) spans.set(span.start, span);
  }
  return [...spans.values()];
}

/** @throws HubRefusal 404 for a month or week without an export */
function exported(
  context: Context,
  owner: Pick<Account, "number">,
  wanted: { readonly year: number; readonly timespantype: SpanKind; readonly timespan: number },
): Span {
  const { year, timespantype, timespan } = wanted;
  const span = completeSpans(context, owner, timespantype).find(
    (one) => one.year === year && one.number === timespan,
  );
  if (!span) throw notFound(`there is no export for ${timespantype} ${timespan} of ${year}`);
  return span;
}
