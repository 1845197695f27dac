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
/** Files of raw data; of what is pulled more often than they hold the rest is left out. */
const mostFiles = 1000;

type Row = PullRow & { readonly namespace: string; readonly name: string; readonly owner: string };

const rawColumns =
  "action,action_day,country,digest,domain,host,http_method,namespace,owner,reference,repository,tag,timestamp,type,user_agent_tool,user_agent_version";

/** Bytes of each file of an export. A line that is there a million times is not written for that. */
export function fileSizes(state: State, namespace: number, span: Span, view: DataView): number[] {
  const rows = rowsOf(state, namespace, span);
  if (view !== "raw") return [bytesOf(summary(rows, span, view)).byteLength];
  const pulls = rows.reduce((sum, { count }) => sum + count, 0);
  const files = Math.min(mostFiles, Math.max(1, Math.ceil(pulls / fileRows)));
  const sizes = Array.from({ length: files }, () => rawColumns.length + 1);
  let before = 0;
  for (const row of rows) {
    const length = Buffer.byteLength(rawLine(row)) + 1;
    const end = before + row.count;
    for (let part = Math.floor(before / fileRows); part * fileRows < end && part < files; part += 1)
      sizes[part]! +=
        length * (Math.min(end, (part + 1) * fileRows) - Math.max(before, part * fileRows));
    before = end;
  }
  return sizes;
}

/** A file of an export; undefined where there are fewer. @param part from 0 on */
export function exportFile(
  state: State,
  namespace: number,
  span: Span,
  view: DataView,
  part = 0,
): Uint8Array | undefined {
  const rows = rowsOf(state, namespace, span);
  if (view !== "raw") return part === 0 ? bytesOf(summary(rows, span, view)) : undefined;
  const lines = part < mostFiles ? raw(rows, part) : [];
  return part === 0 || lines.length > 1 ? bytesOf(lines) : undefined;
}

function rowsOf(state: State, namespace: number, span: Span): Row[] {
  return state.all<Row>(
    `SELECT l.*, r.name, a.name AS namespace, a.full_name AS owner FROM pull_log l
     JOIN repositories r ON r.id = l.repository JOIN accounts a ON a.number = r.owner
     WHERE r.owner = ? AND r.is_private = 0 AND day >= ? AND day < ? ORDER BY day, r.name, action, l.tag, l.digest, address`,
    namespace,
    span.start,
    span.end,
  );
}

function bytesOf(lines: readonly string[]): Uint8Array {
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
    const line = rawLine(row);
    for (let index = 0; index < shown; index += 1) lines.push(line);
  }
  return lines;
}

function rawLine(row: Row): string {
  return csvLine([
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
