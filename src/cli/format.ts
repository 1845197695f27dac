/** Numbers, times and tables as people read them. */

/** Bytes in binary units: `512 B`, `1.4 KiB`, `25.0 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = "";
  for (unit of ["KiB", "MiB", "GiB", "TiB"]) {
    value /= 1024;
    if (value < 1023.95) break;
  }
  return `${value.toFixed(1)} ${unit}`;
}

/** Milliseconds as `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `sha256:0123456789ab`: enough of a digest to recognise it by. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(":");
  return digest.slice(0, colon + 13);
}

/** What must not reach a terminal: control characters, with which a server could move the cursor or set colours. */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

export interface Column {
  readonly title: string;
  /** Numbers stand right. @default left */
  readonly align?: "left" | "right";
}

/** Aligned columns; the last one is not padded. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths = columns.map(({ title }, i) =>
    clean.reduce((widest, row) => Math.max(widest, row[i]?.length ?? 0), title.length),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? "";
        if (align === "right") return cell.padStart(widths[i]!);
        return i === columns.length - 1 ? cell : cell.padEnd(widths[i]!);
      })
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...clean.map(line)];
}
