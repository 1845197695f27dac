/** What collectors of all processes are about to remove, so that who relies on it sees it: see `disk/turns.ts`. */
import type { Digest } from "../../reference/descriptor.ts";
import type { Turns } from "../disk/turns.ts";
import type { Catalog } from "./catalog.ts";

/** A repository, as a collector knows it. */
interface Swept {
  readonly catalog: Catalog;
  /** The repository's number. */
  readonly repository: number;
}

/** The turns of a repository: the catalogue's transactions. */
export function turnsOf(catalog: Catalog, name: string): Turns {
  const sql = `SELECT 1 FROM retiring
    WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND digest = ?`;
  return {
    take: (work) => catalog.write(work, { durable: false }),
    isLeaving: (digest) => catalog.get(sql, name, digest) !== undefined,
  };
}

/** Lets everybody know; the last look comes after it. */
export async function announceRetiring(
  { catalog, repository }: Swept,
  digests: readonly Digest[],
): Promise<void> {
  const sql = "INSERT OR IGNORE INTO retiring (repository, digest) VALUES (?, ?)";
  await catalog.write(
    () => {
      for (const digest of digests) catalog.run(sql, repository, digest);
    },
    { durable: false },
  );
}

/**
 * Whether everybody knows: inside the `catalog.write` that removes. Another collector may have decided meanwhile, and
 * taken the announcement back; then this one has no right to remove any more.
 */
export function isRetiring({ catalog, repository }: Swept, digest: Digest): boolean {
  const sql = "SELECT 1 FROM retiring WHERE repository = ? AND digest = ?";
  return catalog.get(sql, repository, digest) !== undefined;
}

/** Takes the announcement back: inside the `catalog.write` that has removed, or left alone. */
export function settle({ catalog, repository }: Swept, digests: readonly Digest[]): void {
  const sql = "DELETE FROM retiring WHERE repository = ? AND digest = ?";
  for (const digest of digests) catalog.run(sql, repository, digest);
}

/** Forgets what a collector had announced that was killed. One that lives leaves it to its next run. */
export async function settleAll({ catalog, repository }: Swept): Promise<void> {
  if (catalog.get("SELECT 1 FROM retiring WHERE repository = ?", repository) === undefined) return;
  const sql = "DELETE FROM retiring WHERE repository = ?";
  await catalog.write(() => catalog.run(sql, repository), { durable: false });
}
