/** What `wharf sync` shows: a line for each image that changed, and a table at the end. */
import type { SyncEvent } from "../sync/event.ts";
import type { PullReport } from "../sync/budgets.ts";
import type { Counts } from "../sync/tally.ts";
import { count, formatBytes, formatTable, printable, shortDigest } from "./format.ts";

/** The line for an event, where it changed something. */
export function changeLine(event: SyncEvent): string | undefined {
  if (event.type === "prune") {
    if (event.state === "spared") return line("spared", event.target, event.reason);
    return event.state === "deleted" ? line("pruned", event.target) : undefined;
  }
  if (event.type !== "image" || event.digest === undefined) return undefined;
  const digest = shortDigest(event.digest);
  const { target, previous, backup } = event;
  if (event.state === "new") return line("new", target, digest);
  if (event.state !== "updated") return undefined;
  const before = previous === undefined ? "" : `${shortDigest(previous)} → `;
  const kept = backup === undefined ? "" : `, was kept as ${backup}`;
  return line("updated", target, `${before}${digest}${kept}`);
}

/** The line for an event of a dry run: what would be done. */
export function planLine(event: SyncEvent): string | undefined {
  if (event.type === "prune")
    return event.state === "planned" ? line("prune", event.target) : undefined;
  return changeLine(event);
}

const line = (state: string, target: string, rest?: string) =>
  printable(`${state.padEnd(7)}  ${target}${rest ? `  ${rest}` : ""}`);

export interface SummaryRow {
  /** Where the entry's images go. */
  readonly target: string;
  readonly counts: Counts;
}

interface NumberColumn {
  readonly title: string;
  readonly of: (counts: Counts) => string;
  /** Whether it is left out where nothing is in it. */
  readonly rare?: (counts: Counts) => boolean;
}

const numbers: readonly NumberColumn[] = [
  { title: "REPOS", of: (it) => `${it.repositories}`, rare: (it) => it.repositories < 2 },
  { title: "IMAGES", of: (it) => `${it.images}` },
  { title: "NEW", of: (it) => `${it.new}` },
  { title: "UPDATED", of: (it) => `${it.updated}` },
  { title: "SAME", of: (it) => `${it.same}` },
  { title: "KEPT", of: (it) => `${it.kept}`, rare: (it) => it.kept === 0 },
  { title: "PRUNED", of: (it) => `${it.pruned}`, rare: (it) => it.pruned === 0 },
  { title: "FAILED", of: (it) => `${it.failed}`, rare: (it) => it.failed === 0 },
  { title: "SENT", of: (it) => formatBytes(it.bytes), rare: (it) => it.bytes === 0 },
];

/** The table of a run, within a line's width. */
export function summaryTable(
  rows: readonly SummaryRow[],
  totals: Counts,
  { columns, dryRun }: { readonly columns: number; readonly dryRun: boolean },
): string[] {
  const named = numbers.map((column) =>
    dryRun && column.title === "SENT" ? { ...column, title: "TO SEND" } : column,
  );
  const shown = named.filter(
    ({ rare }) => rare === undefined || !rows.every(({ counts }) => rare(counts)),
  );
  const all = rows.length > 1 ? [...rows, { target: "all", counts: totals }] : rows;
  const cells = all.map(({ counts }) => shown.map(({ of }) => of(counts)));
  const width = shown.reduce(
    (sum, { title }, i) => sum + 2 + Math.max(title.length, ...cells.map((row) => row[i]!.length)),
    0,
  );
  const room = Math.max(16, columns - width);
  return formatTable(
    [{ title: "TARGET" }, ...shown.map(({ title }) => ({ title, align: "right" as const }))],
    all.map(({ target }, i) => [fit(target, room), ...cells[i]!]),
  );
}

/** The end of a name tells more than its beginning. */
function fit(name: string, room: number): string {
  return name.length > room ? `…${name.slice(name.length - room + 1)}` : name;
}

/** What a registry that counts pulls has left. */
export function pullLine({ registry, pulls, limit }: PullReport, totals: Counts, dryRun: boolean) {
  const left = `${limit.remaining} of ${limit.limit} pulls are left`;
  const changes = totals.new + totals.updated;
  if (dryRun)
    return changes === 0
      ? `${registry}: ${left}`
      : `${registry}: ${left}; each platform of an image takes one`;
  return `${registry}: ${count(pulls.images, "pull")} taken, ${left}`;
}

/** What is said before the table of a dry run, or where nothing was to do. */
export function headline(totals: Counts, dryRun: boolean): string | undefined {
  const changes = totals.new + totals.updated + totals.pruned;
  if (dryRun) return `Nothing was copied: this is the plan (--dry-run)`;
  if (changes > 0 || totals.failed > 0) return undefined;
  return `Everything is up to date: ${count(totals.images, "image")} compared`;
}
