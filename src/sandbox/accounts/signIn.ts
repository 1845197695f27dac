/** Signing in with a secret, until there were too many wrong ones for a name. */
import type { State } from "../state/state.ts";
import { identify, type Identity, nameOf } from "./accounts.ts";

/** Wrong secrets in a row after which a name is locked, and milliseconds until it is not. Docker tells of ten minutes. */
const most = 10;
const lock = 10 * 60_000;
/** Characters of a name that wrong secrets are counted for: no account has a longer one. */
const longestName = 255;

/** Why nobody is signed in: milliseconds to wait, 0 where the secret was just wrong. */
export interface Refused {
  readonly wait: number;
}

/**
 * Whose password or access token that is. To be stored whatever comes of it: wrong ones are counted.
 * @param time milliseconds since 1970
 */
export function signIn(
  state: State,
  name: string,
  secret: string,
  time: number,
): Identity | Refused {
  const wait = lockedFor(state, name, time);
  if (wait > 0) return { wait };
  const identity = identify(state, name, secret, time);
  if (identity) return identity;
  noteWrong(state, name, time);
  return { wait: 0 };
}

/** Milliseconds for which nobody can sign in by a name. @param time milliseconds since 1970 */
export function lockedFor(state: State, name: string, time: number): number {
  const row = state.one<{ since: number }>(
    "SELECT since FROM wrong_logins WHERE name = ? AND tries >= ? AND since > ?",
    nameOf(name),
    most,
    time - lock,
  );
  return row ? row.since + lock - time : 0;
}

/** Counts a wrong secret, also for a name that nobody has. @param time milliseconds since 1970 */
export function noteWrong(state: State, name: string, time: number): void {
  if (name.length > longestName) return;
  state.run("DELETE FROM wrong_logins WHERE since <= ?", time - lock);
  state.run(
    `INSERT INTO wrong_logins VALUES (?1, 1, ?2)
     ON CONFLICT DO UPDATE SET tries = tries + 1, since = ?2`,
    nameOf(name),
    time,
  );
}

/** Forgets the wrong ones: somebody has signed in. */
export function forgetWrong(state: State, name: string): void {
  state.run("DELETE FROM wrong_logins WHERE name = ?", nameOf(name));
}
