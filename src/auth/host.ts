/** One origin of a registry: what it asks for, as far as it has said so, and what it gets. */
import type { HttpClient, HttpResponse } from "../http/http.ts";
import { parseChallenges } from "./challenge.ts";
import {
  anonymous,
  basicAuthorization,
  type Credentials,
  type CredentialSource,
} from "./credentials.ts";
import { type Demand, readDemand } from "./demand.ts";
import { Flights } from "./flights.ts";
import { type Audience, withhold, type Withheld } from "./realm.ts";
import { type Caller, notSent } from "./refusal.ts";
import type { Scope, ScopeSet } from "./scope.ts";
import type { HeldToken, Tokens } from "./tokens.ts";

/** What one request brings along, and on whose behalf. */
export interface Grant extends Caller {
  readonly authorization?: string;
  readonly token?: HeldToken;
}

/** What all hosts of a client share. */
export interface HostParts {
  readonly http: HttpClient;
  readonly tokens: Tokens;
  readonly credentials: CredentialSource;
  /** Where credentials must be kept back, fail at once instead of asking without them. */
  readonly insist: boolean;
}

export class Host {
  readonly #audience: Audience;
  readonly #parts: HostParts;
  /** Why credentials do not go to this origin at all. */
  readonly #withheld: Withheld | undefined;
  /** Whether it has been asked at its base address. */
  #probed = false;
  #demand: Demand | undefined;
  /** A helper may ask its user for a password; whoever gives up meanwhile does not wait for that. */
  readonly #lookups = new Flights<Credentials>();

  /** @param url an address of the origin */
  constructor(audience: Audience, url: URL, parts: HostParts) {
    this.#audience = audience;
    this.#parts = parts;
    this.#withheld = withhold(url, audience);
  }

  /** Asks at a base address, `…/v2/`, what the registry wants, unless that is known. */
  async probe(base: URL | undefined, signal?: AbortSignal): Promise<void> {
    if (this.#demand !== undefined || this.#probed || base === undefined) return;
    const { http } = this.#parts;
    const response = await http.request({ method: "GET", url: base, ...(signal && { signal }) });
    await response.discard();
    this.#probed = true;
    if (response.status === 401 && response.url.origin === base.origin) {
      await this.learn(response, base);
    }
  }

  /**
   * Remembers what a 401 asks for. Its body is left alone.
   *
   * @returns the scopes that it names
   * @throws WharfError RESPONSE_INVALID, LOCATION_REFUSED where it names an impossible token service
   */
  async learn(response: HttpResponse, url: URL, signal?: AbortSignal): Promise<ScopeSet> {
    const challenges = parseChallenges(response.headers.getAll("www-authenticate"));
    if (challenges.length === 0) {
      // gcr.io answers a bare 401, and says only at its base address what it wants.
      await this.probe(baseOf(url), signal);
      return new Map();
    }
    const { demand, scopes } = readDemand(challenges, response.url, this.#audience);
    this.#demand = demand ?? this.#demand;
    return scopes;
  }

  /**
   * What to bring, by what the registry is known to want.
   *
   * @param scopes what the caller asked for: the first repository chooses the credentials
   * @param wanted what a token is to permit
   * @throws WharfError as the credential source and the token service do
   */
  async grant(scopes: readonly Scope[], wanted: ScopeSet, signal?: AbortSignal): Promise<Grant> {
    const { registry } = this.#audience;
    const demand = this.#demand;
    if (demand === undefined) return { registry, credentials: anonymous };
    const repository = scopes.find(({ type }) => type === "repository")?.name;
    const look = () => this.#parts.credentials.find(registry, repository);
    const found = await this.#lookups.run(repository ?? "", look, signal);
    if (found.kind === "anonymous") return this.#present(demand, found, wanted, signal);
    // A token stands for the credentials, so it stays where they stay.
    const direct = demand.scheme === "basic" || found.kind === "bearer";
    const withheld = this.#withheld ?? (direct ? undefined : demand.realm.withheld);
    if (withheld === undefined) return this.#present(demand, found, wanted, signal);
    if (this.#parts.insist) throw notSent(withheld);
    return this.#present(demand, anonymous, wanted, signal, withheld);
  }

  async #present(
    demand: Demand,
    credentials: Credentials,
    wanted: ScopeSet,
    signal?: AbortSignal,
    withheld?: Withheld,
  ): Promise<Grant> {
    const { registry, site } = this.#audience;
    const caller = { registry, ...(withheld && { withheld }) };
    if (credentials.kind === "bearer") {
      return { ...caller, credentials, authorization: `Bearer ${credentials.token}` };
    }
    if (demand.scheme === "bearer") {
      const { realm, service } = demand;
      const token = await this.#parts.tokens.get({
        ...caller,
        credentials,
        realm: realm.url,
        ...(realm.withheld && { namedBy: site }),
        scopes: wanted,
        ...(service !== undefined && { service }),
        ...(signal && { signal }),
      });
      return { ...caller, credentials, token, authorization: `Bearer ${token.value}` };
    }
    if (credentials.kind !== "basic") return { ...caller, credentials };
    const authorization = basicAuthorization(credentials.username, credentials.password);
    return { ...caller, credentials, authorization };
  }
}

/** The base address of the registry that an address belongs to: `…/v2/`. */
export function baseOf(url: URL): URL | undefined {
  const start = url.pathname.indexOf("/v2/");
  if (start < 0) return undefined;
  const base = new URL(url.origin);
  base.pathname = url.pathname.slice(0, start + "/v2/".length);
  return base;
}
