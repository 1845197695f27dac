/**
 * Exports as CSV, for whole months and weeks. Source: Docker's API for verified publishers ("summary data", "raw data") and
 * its docs, "Insights and analytics".
 */
import { csvLine } from "../csv.ts";
import type { State } from "../state/state.ts";
import type { PullRow } from "./log.ts";
import type { Span } from "./spans.ts";

export type DataView = "raw" | "summary" | "repo-summary" | "namespace-summary";

/** Rows of a file of raw data; what has more is several files. */
const fileRows = 50_000;

type Row = PullRow & { readonly namespace: string; readonly name: string; readonly owner: string };

const rawColumns =
  "action,action_day,country,digest,domain,host,http_method,namespace,owner,reference,repository,tag,timestamp,type,user_agent_tool,user_agent_version";

/** How many files an export has. */
export function countFiles(state: State, namespace: number, span: Span, view: DataView): number {
  if (view !== "raw") return 1;
  const rows = state.count(
    `SELECT coalesce(sum(count), 0) AS count FROM pull_log l JOIN repositories r ON r.id = l.repository
     WHERE r.owner = ? AND r.is_private = 0 AND day >= ? AND day < ?`,
    namespace,
    span.start,
    span.end,
  );
  return Math.max(1, Math.ceil(rows / fileRows));
}

/** A file of an export. @param part from 0 on */
export function exportFile(
  state: State,
  namespace: number,
  span: Span,
  view: DataView,
  part = 0,
): Uint8Array {
  const rows = state.all<Row>(
    `SELECT l.*, r.name, a.name AS namespace, a.full_name AS owner FROM pull_log l
     JOIN repositories r ON r.id = l.repository JOIN accounts a ON a.number = r.owner
     WHERE r.owner = ? AND r.is_private = 0 AND day >= ? AND day < ? ORDER BY day, r.name, action, l.tag, l.digest, address`,
    namespace,
    span.start,
    span.end,
  );
  const lines = view === "raw" ? raw(rows, part) : summary(rows, span, view);
  return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}

/** Each action is a line. */
function raw(rows: readonly Row[], part: number): string[] {
  const lines = [rawColumns];
  let skip = part * fileRows;
  let room = fileRows;
  for (const row of rows) {
    const skipped = Math.min(skip, row.count);
    skip -= skipped;
    const shown = Math.min(room, row.count - skipped);
    if (shown === 0) continue;
    room -= shown;
    const line = csvLine([
      row.action,
      row.day,
      row.country,
      row.digest,
      "",
      "",
      row.action === "version_check" ? "HEAD" : "GET",
      row.namespace,
      row.owner,
      row.tag || row.digest,
      row.name,
      row.tag,
      `${row.day} 00:00:00`,
      "",
      row.tool,
      row.version,
    ]);
    for (let index = 0; index < shown; index += 1) lines.push(line);
  }
  return lines;
}

const keys: Readonly<Record<Exclude<DataView, "raw">, (row: Row) => string[]>> = {
  summary: (row) => [row.namespace, row.name, row.tag || row.digest],
  "repo-summary": (row) => [row.namespace, row.name],
  "namespace-summary": (row) => [row.namespace],
};

function summary(rows: readonly Row[], span: Span, view: Exclude<DataView, "raw">): string[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = csvLine(keys[view](row));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const names = ["namespace", "repository", "reference"].slice(
    0,
    { "namespace-summary": 1, "repo-summary": 2, summary: 3 }[view],
  );
  const lines = [
    `date_granularity,date_reference,${names.join(",")},unique_ip_addresses,pulls_by_tag,pulls_by_digest,version_checks`,
  ];
  for (const [key, group] of groups) {
    const counted = (action: string) =>
      group.reduce((sum, row) => sum + (row.action === action ? row.count : 0), 0);
    const counts = [
      new Set(group.map(({ address }) => address)).size,
      counted("pull_by_tag"),
      counted("pull_by_digest"),
      counted("version_check"),
    ];
    lines.push(
      `${span.kind === "months" ? "month" : "week"},${span.start},${key},${counts.join(",")}`,
    );
  }
  return lines;
}
