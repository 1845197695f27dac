/** Sessions that `wharf hub login` opened: a file for its owner alone, by the address of Docker Hub. */
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { jwtExpiry } from "../../auth/jwt.ts";
import { isError, WharfError } from "../../errors.ts";
import { makeFoldersSync } from "../../folders.ts";

export interface KeptSession {
  readonly username: string;
  readonly token: string;
  /** Milliseconds since 1970, where the token says when it ends. */
  readonly end?: number | undefined;
}

export interface HubSessions {
  readonly path: string;
  /** The session for an address, as long as it lives. */
  find(url: URL): KeptSession | undefined;
  /** @returns the file's path */
  keep(url: URL, session: KeptSession): string;
  /** Whether there was one. */
  forget(url: URL): boolean;
}

/** Milliseconds before its end at which a session counts as over. */
const early = 60_000;

/** The sessions of this user. @param environment `XDG_STATE_HOME` says where else they are */
export function hubSessions(environment: NodeJS.ProcessEnv = process.env): HubSessions {
  const home = environment["HOME"] || homedir();
  const state = environment["XDG_STATE_HOME"] || join(home, ".local", "state");
  const path = join(state, "wharfinger", "hub-sessions.json");

  const read = (): Record<string, KeptSession> => {
    try {
      const sessions: unknown = JSON.parse(readFileSync(path, "utf8"));
      return typeof sessions === "object" && sessions !== null && !Array.isArray(sessions)
        ? (sessions as Record<string, KeptSession>)
        : {};
    } catch {
      // Without the file, or with a damaged one, nobody is signed in.
      return {};
    }
  };
  const write = (sessions: Record<string, KeptSession>): void => {
    const next = `${path}.${process.pid}`;
    try {
      makeFoldersSync(dirname(path), 0o700);
      writeFileSync(next, `${JSON.stringify(sessions, undefined, 2)}\n`, { mode: 0o600 });
      chmodSync(next, 0o600);
      renameSync(next, path);
    } catch (error) {
      forgetDraft(next);
      if (isError(error)) throw error;
      const { code = "" } = error as NodeJS.ErrnoException;
      throw new WharfError(
        code === "ENOSPC" || code === "EDQUOT" ? "DISK_FULL" : "FILE_FAILED",
        `${path} cannot be written (${code})`,
        { cause: error },
      );
    }
  };
  return {
    path,
    find(url) {
      const session = read()[url.href];
      if (typeof session?.token !== "string") return undefined;
      const end = jwtExpiry(session.token) ?? session.end;
      return end !== undefined && end - early < Date.now() ? undefined : session;
    },
    keep(url, session) {
      write({ ...read(), [url.href]: session });
      return path;
    },
    forget(url) {
      const { [url.href]: found, ...rest } = read();
      if (found === undefined) return false;
      if (Object.keys(rest).length === 0) rmSync(path, { force: true });
      else write(rest);
      return true;
    },
  };
}

/** What was written of it holds tokens. Of the failures only the first is told. */
function forgetDraft(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
