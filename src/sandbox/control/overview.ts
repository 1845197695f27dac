/** What the sandbox knows of itself, as data: the same for programs and for the page. */
import { redactUrl } from "../../http/redact.ts";
import { operationOf } from "../faults/operation.ts";
import type { Fault, Faults } from "../faults/faults.ts";
import { missingBehaviours } from "../hub/hub.ts";
import { accountsThere } from "../accounts/accounts.ts";
import { directories } from "../accounts/directory.ts";
import type { Journal, JournalEntry } from "../journal.ts";
import type { SeedAccount } from "../seed/index.ts";
import type { State } from "../state/state.ts";

/** Deliveries of webhooks that are told. */
const deliveriesTold = 50;

export interface OverviewParts {
  readonly accounts: readonly SeedAccount[];
  readonly state: State;
  readonly journal: Journal;
  readonly faults: Faults;
}

/** A webhook's delivery: to whom, what of, and what became of it. */
export interface Delivery {
  readonly repository: string;
  readonly webhook: string;
  /** Where to; passwords and tokens in it are hidden. */
  readonly address: string;
  readonly made: string;
  readonly state: string;
  readonly tries: number;
  readonly outcome: string;
}

export interface Overview {
  /** Who can sign in after the seed. */
  readonly accounts: readonly SeedAccount[];
  /** Tokens for SCIM; null where another was made. */
  readonly directories: readonly { organization: string; scimToken: string | null }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly Omit<Fault, "remove">[];
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
  /** Oldest first. */
  readonly requests: readonly Request[];
  /** Operations that are not answered yet. */
  readonly missing: readonly string[];
}

export interface Request extends JournalEntry {
  /** Of Docker Hub's API. */
  readonly operation?: string;
}

const counted = {
  accounts: "accounts WHERE type = 'User'",
  // Docker's own are there without being said.
  organizations:
    "accounts WHERE type = 'Organization' AND name NOT IN ('library', 'ratelimitpreview')",
  repositories: "repositories",
  tags: "tags",
  webhooks: "webhooks",
  events: "audit_events",
};

export function overviewOf({ accounts, state, journal, faults }: OverviewParts): Overview {
  const counts = Object.entries(counted).map(([name, of]) => [
    name,
    state.count(`SELECT count(*) AS count FROM ${of}`),
  ]);
  return {
    accounts: accountsThere(accounts, state),
    directories: directories(state),
    counts: Object.fromEntries(counts) as Overview["counts"],
    faults: faultsOf(faults),
    deliveries: deliveriesOf(state),
    requests: journal.entries.map(withOperation),
    missing: missingBehaviours(),
  };
}

export function faultsOf({ list }: Pick<Faults, "list">): Overview["faults"] {
  return list.map(({ id, rule, seen, hits }) => ({ id, rule, seen, hits }));
}

export function withOperation(entry: JournalEntry): Request {
  const operation = operationOf(entry.method, entry.target, entry.part);
  return operation === undefined ? entry : { ...entry, operation };
}

function deliveriesOf(state: State): Delivery[] {
  const rows = state.all<Delivery & Record<string, unknown>>(
    `SELECT a.name || '/' || r.name AS repository, w.name AS webhook, h.address, made, d.state, tries, outcome
     FROM webhook_deliveries d JOIN webhook_hooks h ON h.id = d.hook JOIN webhooks w ON w.id = h.webhook
     JOIN repositories r ON r.id = w.repository JOIN accounts a ON a.number = r.owner
     ORDER BY d.id DESC LIMIT ${deliveriesTold}`,
  );
  return rows.map((row) => ({ ...row, address: hidden(row.address) }));
}

function hidden(address: string): string {
  return URL.canParse(address) ? redactUrl(new URL(address)) : address;
}
