/** The token of a session with Docker Hub: minted once, kept until it ends, renewed early. */
import { hideSecrets } from "../../auth/secrets.ts";
import { Flights } from "../../auth/flights.ts";
import { jwtUsername, readJwt } from "../../auth/jwt.ts";
import { isError, WharfError } from "../../errors.ts";
import type { HubCredentials } from "./credentials.ts";

/** Milliseconds before its end at which a token is renewed. */
const early = 60_000;

/** Milliseconds that a token counts as good where it does not say when it ends. */
const assumedLife = 300_000;

/** Milliseconds after a renewal in vain in which no other is tried: it is the account that is refused, not the token. */
const resigned = 60_000;

/** What a session needs to open itself: requests that carry no token. */
export interface SignIn {
  /** `POST /v2/auth/token`. */
  createToken(identifier: string, secret: string, signal: AbortSignal): Promise<string>;
  /** `POST /v2/users/login`: the token, or what the second factor needs. */
  login(
    username: string,
    password: string,
    signal: AbortSignal,
  ): Promise<{ readonly token: string } | { readonly secondFactor: string }>;
  /** `POST /v2/users/2fa-login`. */
  loginTwoFactor(secondFactor: string, code: string, signal: AbortSignal): Promise<string>;
}

interface Minted {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly end: number;
}

/** Opens a session when somebody needs it. Many callers at once cause one sign-in. */
export class Session {
  readonly #find: () => Promise<HubCredentials>;
  readonly #signIn: SignIn;
  readonly #now: () => number;
  readonly #flights = new Flights<Minted>();
  #credentials: Promise<HubCredentials> | undefined;
  #minted: Minted | undefined;
  #vain = -Infinity;
  #secrets: readonly string[] = [];

  constructor(find: () => Promise<HubCredentials>, signIn: SignIn, now: () => number = Date.now) {
    this.#find = find;
    this.#signIn = signIn;
    this.#now = now;
  }

  /** Who signs in; looked up once. A failure is not kept. */
  credentials(): Promise<HubCredentials> {
    const found = (this.#credentials ??= this.#find());
    found.catch(() => (this.#credentials = undefined));
    return found;
  }

  /** What was sent to sign in, and the token that came of it: an answer may repeat them later. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** A token that is good for a while, or undefined for who is anonymous. */
  async token(signal?: AbortSignal): Promise<string | undefined> {
    const credentials = await this.credentials();
    if (credentials.kind === "anonymous") return undefined;
    if (credentials.kind === "jwt") return credentials.token;
    if (this.#minted !== undefined && this.#minted.end > this.#now()) return this.#minted.token;
    const minted = await this.#flights.run("", (stop) => this.#mint(credentials, stop), signal);
    return minted.token;
  }

  /** Forgets a token that was refused; whether another can be had. */
  async renewable(refused: string): Promise<boolean> {
    const { kind } = await this.credentials();
    if (kind !== "secret" && kind !== "login") return false;
    // Of many calls that are refused at once the first one forgets the token; the others find its successor.
    if (this.#minted?.token !== refused) return true;
    if (this.#now() - this.#vain < resigned) return false;
    this.#minted = undefined;
    return true;
  }

  /** Notes that a token which was renewed because of a refusal was refused as well. */
  renewedInVain(): void {
    this.#vain = this.#now();
  }

  /** The Docker ID that the session belongs to, where that is known. */
  async username(signal?: AbortSignal): Promise<string | undefined> {
    const credentials = await this.credentials();
    const token = await this.token(signal);
    if (credentials.kind === "secret")
      return (token && jwtUsername(token)) ?? credentials.identifier;
    if (credentials.kind === "login") return credentials.username;
    return token === undefined ? undefined : jwtUsername(token);
  }

  async #mint(credentials: HubCredentials, signal: AbortSignal): Promise<Minted> {
    try {
      this.#secrets = secretsIn(credentials);
      const token = await this.#open(credentials, signal);
      this.#secrets = [...this.#secrets, token];
      const left = lifeOf(token, this.#now());
      // A life shorter than the margin must not mean a login per call.
      this.#minted = { token, end: this.#now() + (left > 2 * early ? left - early : left / 2) };
      return this.#minted;
    } catch (error) {
      if (!isError(error)) throw error;
      throw explained(hideSecrets(error, this.#secrets), credentials);
    }
  }

  async #open(credentials: HubCredentials, signal: AbortSignal): Promise<string> {
    if (credentials.kind === "secret")
      return this.#signIn.createToken(credentials.identifier, credentials.secret, signal);
    if (credentials.kind !== "login") throw new WharfError("INTERNAL", "nothing to sign in with");
    const { username, password, code } = credentials;
    const first = await this.#signIn.login(username, password, signal);
    if ("token" in first) return first.token;
    if (code === undefined) {
      throw new WharfError("UNAUTHORIZED", `${username} signs in with a second factor`, {
        hint: "Give { code: () => … } with the credentials, use `wharf hub login`, or a personal access token.",
      });
    }
    return this.#signIn.loginTwoFactor(first.secondFactor, String(await code()), signal);
  }
}

/**
 * Milliseconds that a token just got lives. Its own two times tell, whatever the clock here says; a token that seems to be
 * over at its birth says that the clock is wrong.
 */
function lifeOf(token: string, now: number): number {
  const { exp, iat } = readJwt(token) ?? {};
  if (!Number.isFinite(exp)) return assumedLife;
  const life = (Number(exp) - (Number.isFinite(iat) ? Number(iat) : now / 1000)) * 1000;
  return life > 0 ? life : assumedLife;
}

function explained(error: WharfError, credentials: HubCredentials): WharfError {
  if (error.code !== "UNAUTHORIZED" || error.details.status === undefined) return error;
  const origin = "origin" in credentials ? credentials.origin : undefined;
  const from = origin === undefined ? "" : ` (credentials: ${origin})`;
  return new WharfError("UNAUTHORIZED", `${error.message}${from}`, {
    ...error.details,
    cause: error,
    hint: "Check user and secret; for an organization's token the user is the organization. With a second factor use a personal access token, or `wharf hub login`.",
  });
}

function secretsIn(credentials: HubCredentials): string[] {
  if (credentials.kind === "secret") return [credentials.secret];
  if (credentials.kind === "login") return [credentials.password];
  return [];
}
