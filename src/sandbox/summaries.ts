/**
 * What the manifests of a repository come to together: lists show it of every repository, so that it is kept, and made anew when
 * triggers have taken it away because a manifest came, went or was described.
 */
import type { DescribedImage } from "./registry/describe.ts";
import type { State } from "./state/state.ts";

export interface Summary {
  /** Bytes of all blobs, tagged or not, each once. */
  readonly size: number;
  readonly mediaTypes: readonly string[];
  readonly contentTypes: readonly string[];
  readonly systems: readonly string[];
  readonly architectures: readonly string[];
}

/** Parsed summaries, by their text: the same few are read again and again. */
const parsed = new Map<string, Summary>();
const most = 2_000;

/** @param repository its number */
export function summaryOf(state: State, repository: number): Summary {
  const kept = state.one<{ summary: string }>(
    "SELECT summary FROM summaries WHERE repository = ?",
    repository,
  )?.summary;
  if (kept === undefined) {
    const summary = summarize(state, repository);
    state.run(
      "INSERT OR REPLACE INTO summaries VALUES (?, ?)",
      repository,
      JSON.stringify(summary),
    );
    return summary;
  }
  let summary = parsed.get(kept);
  if (!summary) {
    if (parsed.size >= most) parsed.clear();
    parsed.set(kept, (summary = JSON.parse(kept) as Summary));
  }
  return summary;
}

function summarize(state: State, repository: number): Summary {
  const rows = state.all<{
    media_type: string;
    content_type: string;
    images: string;
    blobs: string;
  }>(
    "SELECT media_type, content_type, images, blobs FROM manifests WHERE repository = ?",
    repository,
  );
  const blobs = rows.flatMap((row) => JSON.parse(row.blobs) as { digest: string; size: number }[]);
  const images = rows
    .flatMap((row) => JSON.parse(row.images) as DescribedImage[])
    .filter(({ os }) => os !== "unknown");
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]));
  return {
    size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    mediaTypes: sorted(rows.map(({ media_type }) => media_type)),
    contentTypes: sorted(rows.map(({ content_type }) => content_type)),
    systems: sorted(images.map(({ os }) => os)),
    architectures: sorted(images.map(({ architecture }) => architecture)),
  };
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
