/** An embedded Docker Hub: API, token service and registry on one port, over one state. */
import type { IncomingMessage } from "node:http";
import { join } from "node:path";

import { openCollection } from "../store/collection/collection.ts";
import { createFolder } from "../store/disk/files.ts";
import { createMemoryCollection } from "../store/memory.ts";
import type { RepositoryCollection } from "../store/store.ts";
import { totp } from "./accounts/secrets.ts";
import { findAccount } from "./accounts/accounts.ts";
import { createControl } from "./control.ts";
import { createHubHandler } from "./hub/hub.ts";
import { type Fault, Faults } from "./faults/faults.ts";
import type { FaultRule } from "./faults/rule.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { openKeys } from "./keys.ts";
import { baseOf, listen, type SandboxUrls } from "./listen.ts";
import { Content, type ManifestRow } from "./registry/content.ts";
import { type PullLimits, pullLimits, Pulls } from "./registry/pulls.ts";
import { createSandboxRegistry } from "./registry/registry.ts";
import { createTokenHandler } from "./registry/tokenHandler.ts";
import { seed, type SeedAccount, seedAccounts } from "./seed.ts";
import { tables } from "./state/schema.ts";
import { State } from "./state/state.ts";

export type { Fault, FaultRule, JournalEntry, PullLimits, SandboxUrls, SeedAccount };

/** All of it may be left out. */
export interface SandboxOptions {
  /** Address to bind to; beyond the loopback interface whoever reaches it can read the passwords. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 is any free port. @default 0 */
  readonly port?: number;
  /**
   * A port for each: registry, token service, Hub's API (at the root, without `/hub`), Scout and control, as they are hosts of
   * their own in life. `port` is the first of five. @default false
   */
  readonly separate?: boolean;
  /** Folder in which it lives on; made where it is not there. @default memory */
  readonly data?: string;
  /** What it holds at first, where it is empty. @default "small" */
  readonly seed?: "small" | "none";
  /** Milliseconds since 1970; what expires, expires by it. @default Date.now */
  readonly clock?: () => number;
  /** Requests that an account or address may send to Hub in a minute. @default 180 */
  readonly rateLimit?: number;
  /** How many pulls the registry allows. @default as Docker Hub: 100 in six hours, 200 for who has signed in */
  readonly pullLimits?: Partial<PullLimits>;
  /** What goes wrong from the beginning, as rules or their text; see {@link Sandbox.fail}. */
  readonly faults?: readonly (string | FaultRule)[];
  /** Told of failures that are the sandbox's own. */
  onFailure?(error: unknown, request: IncomingMessage): void;
}

export interface Sandbox {
  /** Of the registry (and of the token service, unless separate): `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Of Docker Hub's API: {@link url} and `/hub`; separate, a port of its own. */
  readonly hubUrl: string;
  /** Of each part: what stands for registry-1.docker.io, auth.docker.io, hub.docker.com, api.scout.docker.com, and `/_sandbox`. */
  readonly urls: SandboxUrls;
  /** `127.0.0.1:41234`, as references to images begin with. */
  readonly host: string;
  readonly port: number;
  /** Who can sign in after the seed. */
  readonly accounts: readonly SeedAccount[];
  /** The last thousand requests, oldest first. */
  readonly requests: readonly JournalEntry[];
  /** The code that the authenticator of an account shows now; undefined for one without. */
  code(account: string): string | undefined;
  /**
   * The certificate, in PEM, by which another registry accepts the tokens of this sandbox: `rootcertbundle` of distribution's
   * `auth: token`, with the issuer `sandbox.wharfinger`. Tokens carry it from then on; with `data` it stays the same.
   */
  certificate(): Promise<string>;
  /** The rules of faults that hold, with how often each was met. */
  readonly faults: readonly Fault[];
  /**
   * Has requests meet a fault, from the next one on.
   * @throws WharfError USAGE for what is no rule
   *
   * @example
   * const storm = await sandbox.fail("tags.list 429 retry-after=1 first=2");
   * const cut = await sandbox.fail({ method: "GET", path: "/v2/alice/*", fault: "cut", at: 1000 });
   * storm.remove();
   */
  fail(rule: string | FaultRule): Promise<Fault>;
  /** Makes everything as it was at first. */
  reset(): Promise<void>;
  /** Ends it; what was in memory is gone. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox.
 * @throws WharfError PORT_IN_USE, USAGE; FILE_FAILED, LAYOUT_INVALID for a folder that cannot be used
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
  const { clock: now = Date.now, onFailure = () => {} } = options;
  const { state, collection } = await open(options.data);
  const content = new Content(collection, state, now);
  const keys = openKeys(state);
  const journal = new Journal(now);
  const faults = new Faults({ keys, now });
  const begin = async () => {
    if (options.seed !== "none") await seed(state, content, now());
  };
  const resetNow = async () => {
    await empty(state, content);
    journal.clear();
    await faults.reset();
    await begin();
  };
  // Of several at once each begins when the one before has ended.
  let resetting: Promise<void> = Promise.resolve();
  const reset = () => (resetting = resetting.catch(() => {}).then(resetNow));
  const close = async () => {
    await resetting.catch(() => {});
    await content.settled();
    await collection.close();
    state.close();
  };
  try {
    if (state.count("SELECT count(*) AS count FROM accounts") === 0) await begin();
    else await content.catchUp();
    await faults.add(options.faults ?? [], true);
    const pulls = new Pulls(state, { ...pullLimits, ...options.pullLimits }, now);
    const parts = { state, content, keys, now, onFailure };
    const { rateLimit = 180, host = "127.0.0.1", port = 0, separate = false } = options;
    let authPort: number | undefined;
    const server = await listen({
      host,
      port,
      separate,
      journal,
      faults,
      onFailure,
      handlers: {
        registry: createSandboxRegistry({ ...parts, pulls, authPort: () => authPort }),
        auth: createTokenHandler(parts),
        hub: createHubHandler({ ...parts, rateLimit, base: baseOf("hub", separate) }),
        control: createControl({ state, keys, journal, faults, now, reset }),
      },
    });
    const { urls } = server;
    if (separate) authPort = Number(new URL(urls.auth).port);
    return {
      url: urls.registry,
      hubUrl: urls.hub,
      urls,
      host: new URL(urls.registry).host,
      port: server.port,
      accounts: options.seed === "none" ? [] : seedAccounts,
      get requests() {
        return journal.entries;
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
      certificate: () => keys.certificate(),
      reset,
      async close() {
        faults.close();
        await server.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  data: string | undefined,
): Promise<{ state: State; collection: RepositoryCollection }> {
  if (data === undefined)
    return { state: new State(":memory:"), collection: createMemoryCollection() };
  await createFolder(data);
  const collection = await openCollection(join(data, "registry"));
  try {
    return { state: new State(join(data, "sandbox.db")), collection };
  } catch (error) {
    await collection.close();
    throw error;
  }
}

/** Takes everything away, but for the keys. */
async function empty(state: State, content: Content): Promise<void> {
  await content.settled();
  const rows = state.all<ManifestRow & { path: string }>(
    `SELECT a.name || '/' || r.name AS path, m.digest, m.blobs
     FROM manifests m JOIN repositories r ON r.id = m.repository JOIN accounts a ON a.number = r.owner`,
  );
  for (const path of new Set(rows.map((row) => row.path)))
    await content.deleteAll(
      path,
      rows.filter((row) => row.path === path),
    );
  state.transaction(() => {
    for (const table of tables) if (table !== "settings") state.run(`DELETE FROM ${table}`);
  });
}
