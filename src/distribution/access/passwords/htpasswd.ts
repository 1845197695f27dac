/**
 * The file of users and hashed passwords, as Apache's `htpasswd -B` writes it: `USER:HASH`, one a line.
 * Sources: Apache HTTP Server, "Password Formats"; Provos and Mazières, "A Future-Adaptable Password Scheme" (bcrypt).
 */
import { configError } from "../../../config/fields.ts";

export interface PasswordFile {
  /** Hash of each user's password. */
  readonly users: ReadonlyMap<string, string>;
  /** A hash that takes as long to compare as theirs, for users that there are not. No password is known to have it. */
  readonly decoy: string;
}

const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** Rounds are 2 to the power of the cost: 10 takes 70 ms, 16 four seconds, and 31 half a day. */
const costs = { least: 4, most: 16 };

/** @throws WharfError CONFIG_INVALID, which names the line */
export function parsePasswords(text: string, path: string): PasswordFile {
  const users = new Map<string, string>();
  const lines = new Map<string, number>();
  let highest: number | undefined;
  for (const [index, written] of text.split("\n").entries()) {
    const line = written.trim();
    if (line === "" || line.startsWith("#")) continue;
    const where = `${path}:${index + 1}`;
    const colon = line.indexOf(":");
    if (colon < 1) throw configError(where, "must read USER:HASH", hint);
    const user = line.slice(0, colon);
    const hash = line.slice(colon + 1);
    const before = lines.get(user);
    if (before !== undefined) throw configError(where, `${user} stands in line ${before} too`);
    highest = Math.max(highest ?? 0, costOf(hash, user, where));
    lines.set(user, index + 1);
    users.set(user, hash);
  }
  return { users, decoy: `$2b$${String(highest ?? 10).padStart(2, "0")}$${"x".repeat(53)}` };
}

/** The message never shows what stands behind the user: it may be the password itself. */
function costOf(hash: string, user: string, where: string): number {
  const match = bcrypt.exec(hash);
  if (!match)
    throw configError(where, `the password of ${user} is not hashed with bcrypt ($2y$…)`, hint);
  const cost = Number(match[1]);
  if (cost < costs.least || cost > costs.most)
    throw configError(
      where,
      `the password of ${user} has a cost of ${cost}; from ${costs.least} to ${costs.most} are accepted`,
      hint,
    );
  return cost;
}

const hint = "Make the line with `htpasswd -B FILE USER` (apache2-utils).";
