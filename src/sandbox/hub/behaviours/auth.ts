/** Sessions: opened with a password or a token, with a second factor where the account has one, and ended. */
import type * as declared from "../../../hub/operations/auth.ts";
import { type Account, findAccount, type Identity, needsCode } from "../../accounts/accounts.ts";
import { hashToken, newToken, totpStep } from "../../accounts/secrets.ts";
import { forgetWrong, lockedFor, noteWrong, type Refused, signIn } from "../../accounts/signIn.ts";
import { refreshToken } from "../../registry/tokenService.ts";
import { written } from "../../state/state.ts";
import { type Behaviours, type Context, Later, Reply, signedIn } from "../context.ts";
import { unauthorized } from "../refusal.ts";
import { lives, openSession } from "../sessions.ts";

const wrong = "Incorrect authentication credentials";
/** Milliseconds, and codes that may be tried meanwhile. */
const halfLife = 5 * 60_000;
const tries = 5;

export const auth: Behaviours<typeof declared> = {
  createToken(context, { identifier, secret }) {
    const identity = signIn(context.state, identifier, secret, context.now);
    if ("wait" in identity) return refused(identity);
    // A second factor has no place in this request, so that only a token gets past it.
    if (needsCode(identity)) throw unauthorized(wrong);
    noteLogin(context, identity.account);
    return new Later(async () => ({
      access_token: await openSession(context.keys, identity, context.now, lives.token),
    }));
  },

  login(context, { username, password }) {
    if (findAccount(context.state, username)?.type === "Organization")
      throw unauthorized("Cannot log into an organization account");
    const identity = signIn(context.state, username, password, context.now);
    if ("wait" in identity) return refused(identity);
    if (needsCode(identity)) {
      const half = newToken("");
      context.state.run("DELETE FROM half_logins WHERE expires <= ?", context.now);
      context.state.run(
        "INSERT INTO half_logins (hash, account, expires) VALUES (?, ?, ?)",
        hashToken(half),
        identity.account.number,
        context.now + halfLife,
      );
      return new Reply(401, {
        detail: "Require secondary authentication on MFA enabled account",
        login_2fa_token: half,
      }) as never;
    }
    return opened(context, identity);
  },

  loginTwoFactor(context, { login_2fa_token, code }) {
    const { state, now } = context;
    const hash = hashToken(login_2fa_token);
    const half = state.one<{ name: string; tries: number }>(
      `SELECT name, tries FROM half_logins JOIN accounts ON number = account
       WHERE hash = ? AND expires > ?`,
      hash,
      now,
    );
    const account = half && half.tries < tries ? findAccount(state, half.name) : undefined;
    if (!account?.totp) throw unauthorized("Invalid or expired token");
    const wait = lockedFor(state, account.name, now);
    if (wait > 0) return refused({ wait });
    const step = totpStep(account.totp, code, now, account.totp_step);
    if (step === undefined) {
      state.run("UPDATE half_logins SET tries = tries + 1 WHERE hash = ?", hash);
      noteWrong(state, account.name, now);
      return new Reply(401, { detail: "Incorrect code" }) as never;
    }
    state.run("DELETE FROM half_logins WHERE hash = ?", hash);
    state.run("UPDATE accounts SET totp_step = ? WHERE number = ?", step, account.number);
    return opened(context, { account });
  },

  logout(context) {
    const { session } = signedIn(context);
    if (session)
      context.state.run(
        "INSERT OR IGNORE INTO ended_sessions VALUES (?, ?)",
        session.id,
        session.expires,
      );
    context.state.run("DELETE FROM ended_sessions WHERE expires <= ?", context.now);
  },
};

function opened(context: Context, identity: Identity) {
  const { state, keys, now, url } = context;
  noteLogin(context, identity.account);
  const wanted = url.searchParams.get("refresh_token") === "true";
  const refresh = wanted ? { refresh_token: refreshToken(state, identity, now) } : {};
  return new Later(async () => ({
    token: await openSession(keys, identity, now, lives.login),
    ...refresh,
  }));
}

/** Returned, not thrown: what was stored of a wrong secret has to stay. */
function refused({ wait }: Refused): never {
  if (wait === 0) return new Reply(401, { detail: wrong, message: wrong }) as never;
  const detail = "Too many failed login attempts. Try again later.";
  const seconds = String(Math.ceil(wait / 1000));
  return new Reply(429, { detail, error: false }, { "retry-after": seconds }) as never;
}

function noteLogin({ state, now }: Context, { name, number }: Account): void {
  forgetWrong(state, name);
  state.run("UPDATE accounts SET last_login = ? WHERE number = ?", written(now), number);
}
