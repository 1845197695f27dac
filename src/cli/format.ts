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
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const day = 86_400_000;

/**
 * How long ago a moment is, roughly: `just now`, `5 hours ago`, `3 months ago`.
 * @param now milliseconds since 1970
 */
export function formatAge(moment: Date, now: number): string {
  const past = now - moment.getTime();
  if (past < 0) return "in the future";
  const units = [
    [365 * day, "year"],
    [30 * day, "month"],
    [day, "day"],
    [day / 24, "hour"],
    [day / 1440, "minute"],
  ] as const;
  for (const [length, unit] of units) {
    const count = Math.floor(past / length);
    if (count > 0) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

/** `1 blob`, `2 blobs`. */
export const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;

/** `0123456789ab`, or `sha512:0123456789ab`: enough of a digest to recognise it by. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(":");
  return digest.slice(0, colon + 13).replace(/^sha256:/, "");
}

/** Cuts a text that is longer than a line. */
export const cut = (text: string, columns: number): string =>
  text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;

/** What must not reach a terminal: control characters, with which a server could move the cursor or set colours. */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

export interface Column {
  /** Without any title there is no line of them. */
  readonly title?: string;
  /** Numbers stand right. @default left */
  readonly align?: "left" | "right";
}

/** Aligned columns; the last one is not padded. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const clean = rows.map((row) => row.map(printable));
  const titles = columns.map(({ title = "" }) => title);
  if (titles.some((title) => title !== "")) clean.unshift(titles);
  const widths = columns.map((_, i) =>
    clean.reduce((widest, row) => Math.max(widest, row[i]?.length ?? 0), 0),
  );
  return clean.map((cells) =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? "";
        if (align === "right") return cell.padStart(widths[i]!);
        return i === columns.length - 1 ? cell : cell.padEnd(widths[i]!);
      })
      .join("  ")
      .trimEnd(),
  );
}
