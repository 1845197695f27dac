/** An embedded Docker Hub: API, token service and registry on one port, over one state. */
import type { IncomingMessage } from "node:http";

import { WharfError } from "../errors.ts";
import { totp } from "./accounts/secrets.ts";
import { accountsThere, findAccount } from "./accounts/accounts.ts";
import { type WebhookDelivery, Webhooks } from "./events/webhooks.ts";
import { type Fault, Faults } from "./faults/faults.ts";
import type { FaultRule } from "./faults/rule.ts";
import { openHolding } from "./holding.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { openKeys } from "./keys.ts";
import { listen, type SandboxUrls } from "./listen.ts";
import { createParts } from "./parts.ts";
import type { PullLimits } from "./registry/pulls.ts";
import type { Seed, SeedAccount, SeedName } from "./seed/index.ts";
import type { State } from "./state/state.ts";

export type {
  Fault,
  FaultRule,
  JournalEntry,
  PullLimits,
  SandboxUrls,
  Seed,
  SeedAccount,
  SeedName,
  WebhookDelivery,
};

/** All of it may be left out. */
export interface SandboxOptions {
  /** Address to bind to; beyond the loopback interface whoever reaches it can read the passwords. @default "127.0.0.1" */
  readonly host?: string;
  /**
   * Names by which it is called besides addresses, names without a dot, and private ones such as `hub.internal`: web pages
   * elsewhere could lead names of their own hither. @default none
   */
  readonly hostNames?: readonly string[];
  /** 0 is any free port. @default 0 */
  readonly port?: number;
  /**
   * A port for each: registry, token service, Hub's API (at the root, without `/hub`), Scout and control, as they are hosts of
   * their own in life. `port` is the first of five. @default false
   */
  readonly separate?: boolean;
  /** Folder in which it lives on; made where it is not there. @default memory */
  readonly data?: string;
  /**
   * What it holds at first, where it is empty: a seed of ours, one of your own, or a snapshot. `large` has 1,000 repositories with
   * 100,000 tags. @default "small"
   */
  readonly seed?: SeedName | Seed | Uint8Array;
  /** Folder at which paths in a seed of your own begin. @default the current one */
  readonly seedFolder?: string;
  /** Milliseconds since 1970; what expires, expires by it. @default Date.now */
  readonly clock?: () => number;
  /** Requests that an account or address may send to Hub in a minute. @default 180 */
  readonly rateLimit?: number;
  /** How many pulls the registry allows. @default as Docker Hub: 100 in six hours, 200 for who has signed in */
  readonly pullLimits?: Partial<PullLimits>;
  /**
   * Hosts that webhooks may be sent to, with or without a port, besides this machine; a name is looked up, and what it leads to
   * counts. @default none
   */
  readonly allowWebhooksTo?: readonly string[];
  /** What goes wrong from the beginning, as rules or their text; see {@link Sandbox.fail}. */
  readonly faults?: readonly (string | FaultRule)[];
  /** Told of failures that are the sandbox's own. */
  onFailure?(error: unknown, request: IncomingMessage): void;
}

/** A Docker Hub that runs in this process: where it is, what it was asked, and what can be done to it besides its API. */
export interface Sandbox {
  /** Of the registry (and of the token service, unless separate): `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Of Docker Hub's API: {@link url} and `/hub`; separate, a port of its own. */
  readonly hubUrl: string;
  /** Of Docker Scout: {@link url} and `/scout`; separate, a port of its own. */
  readonly scoutUrl: string;
  /** Of each part: what stands for registry-1.docker.io, auth.docker.io, hub.docker.com, api.scout.docker.com, and `/_sandbox`. */
  readonly urls: SandboxUrls;
  /** `127.0.0.1:41234`, as references to images begin with. */
  readonly host: string;
  /** Of {@link url}; separate, the first of the five. */
  readonly port: number;
  /** Who of the seed can sign in: all, unless a folder of `data` began with another seed. */
  readonly accounts: readonly SeedAccount[];
  /** The last hundred calls of webhooks, newest first: what was sent, what came of it, what the receiver said. */
  readonly deliveries: readonly WebhookDelivery[];
  /** The last thousand requests, oldest first. */
  readonly requests: readonly JournalEntry[];
  /** The code that the authenticator of an account shows now; undefined for one without. */
  code(account: string): string | undefined;
  /**
   * Does what following the link of an invitation does; no mail is sent.
   * @param invitation its ID, as `invites.create` and `invites.list` tell
   * @param account who follows it, where it went to a mail address that is nobody's
   * @throws WharfError NOT_FOUND for an invitation, or an account, that there is not
   */
  acceptInvite(invitation: string, account?: string): Promise<void>;
  /** The rules of faults that hold, with how often each was met. */
  readonly faults: readonly Fault[];
  /**
   * Has requests meet a fault, from the next one on.
   * @throws WharfError USAGE for what is no rule, and for one that no request can meet
   *
   * @example
   * const storm = await sandbox.fail("tags.list 429 retry-after=1 first=2");
   * const cut = await sandbox.fail({ method: "GET", path: "/v2/alice/*", fault: "cut", at: 1000 });
   * storm.remove();
   */
  fail(rule: string | FaultRule): Promise<Fault>;
  /**
   * The certificate, in PEM, by which another registry accepts the tokens of this sandbox: `rootcertbundle` of distribution's
   * `auth: token`, with the issuer `sandbox.wharfinger`. Tokens carry it from then on; with `data` it stays the same.
   */
  certificate(): Promise<string>;
  /** Makes everything as it was at first. */
  reset(): Promise<void>;
  /** All that it holds, as one SQLite file: for `restore`, for a file, for the `seed` of another. */
  snapshot(): Promise<Uint8Array>;
  /** Makes everything as it was when the snapshot was taken; sessions stay open. @throws WharfError LAYOUT_INVALID */
  restore(snapshot: Uint8Array): Promise<void>;
  /** Ends it; what was in memory is gone. */
  close(): Promise<void>;
  /** {@link close}, for `await using sandbox = await startSandbox()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a sandbox.
 * @throws WharfError PORT_IN_USE, USAGE; LOCKED, FILE_FAILED, LAYOUT_INVALID for a folder that cannot be used; CONFIG_INVALID for a seed
 *
 * @example
 * const sandbox = await startSandbox();
 * const hub = createHub({
 *   url: sandbox.hubUrl,
 *   credentials: { kind: "secret", identifier: "alice", secret: "alice-password" },
 * });
 * await hub.repositories.create({ namespace: "alice", name: "new" });
 * await sandbox.close();
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock: now = Date.now } = options;
  const onFailure = (error: unknown, request: IncomingMessage) => {
    // Whoever hangs up while sending has found no failure of ours.
    if (error !== request.errored) options.onFailure?.(error, request);
  };
  const holding = await openHolding({
    data: options.data,
    seed: options.seed ?? "small",
    seedFolder: options.seedFolder,
    now,
  });
  const { state, content } = holding;
  const keys = openKeys(state);
  const webhooks = new Webhooks({ state, allowed: options.allowWebhooksTo ?? [] });
  content.onPush = (push) => webhooks.pushed(push);
  const journal = new Journal(now);
  const { separate = false } = options;
  const faults = new Faults({ keys, now, separate });
  const resetNow = async () => {
    await holding.reset();
    journal.clear();
    await faults.reset();
  };
  // Of several at once each begins when the one before has ended.
  let changing: Promise<void> = Promise.resolve();
  const inTurn = (change: () => Promise<void>) =>
    (changing = changing.catch(() => {}).then(change));
  const reset = () => inTurn(resetNow);
  let closed: Promise<void> | undefined;
  const close = async () => {
    await changing.catch(() => {});
    await webhooks.close();
    await holding.close();
  };
  try {
    await faults.add(options.faults ?? [], true);
    const { rateLimit = 180, host = "127.0.0.1", port = 0 } = options;
    let authPort: number | undefined;
    const handlers = createParts({
      holding,
      keys,
      now,
      onFailure,
      webhooks,
      journal,
      faults,
      reset,
      rateLimit,
      pullLimits: options.pullLimits ?? {},
      separate,
      authPort: () => authPort,
    });
    const { hostNames = [] } = options;
    const server = await listen({
      host,
      hostNames,
      port,
      separate,
      journal,
      faults,
      onFailure,
      handlers,
    });
    const { urls } = server;
    const end = () => {
      faults.close();
      return (closed ??= server.close().then(close));
    };
    webhooks.urls = urls;
    if (separate) authPort = Number(new URL(urls.auth).port);
    return {
      url: urls.registry,
      hubUrl: urls.hub,
      scoutUrl: urls.scout,
      urls,
      host: new URL(urls.registry).host,
      port: server.port,
      get accounts() {
        return accountsThere(holding.accounts, state);
      },
      get requests() {
        return journal.entries;
      },
      get deliveries() {
        return webhooks.history();
      },
      get faults() {
        return faults.list;
      },
      async fail(rule) {
        const [fault] = await faults.add([rule]);
        return fault!;
      },
      code(name) {
        const secret = findAccount(state, name)?.totp;
        return secret ? totp(secret, now()) : undefined;
      },
      acceptInvite: (invitation, account) => accept({ state, now }, invitation, account),
      certificate: () => keys.certificate(),
      reset,
      snapshot: () => holding.snapshot(),
      restore: (snapshot) => inTurn(() => holding.restore(snapshot)),
      close: end,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function accept(
  { state, now }: { readonly state: State; readonly now: () => number },
  invitation: string,
  account: string | undefined,
): Promise<void> {
  const { acceptInvite } = await import("./hub/behaviours/invites.ts");
  const { HubRefusal } = await import("./hub/refusal.ts");
  try {
    acceptInvite(state, invitation, account, now());
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error;
    const { message } = error.body as { readonly message: string };
    throw new WharfError("NOT_FOUND", `Invitation ${invitation}: ${message}`, { cause: error });
  }
}
