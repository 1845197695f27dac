/** A sandbox for a test: its clock stands still, its failures are the test's, and it ends with the test. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";

import { createHub, type Hub, type HubCredentials, isError } from "../../src/entrance/hub.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/entrance/sandbox.ts";

export interface Stage {
  readonly sandbox: Sandbox;
  /** Milliseconds since 1970; may be moved. */
  readonly clock: { now: number };
  /** A client for an account of the seed, or with other credentials, or for nobody. */
  as(who: string | HubCredentials | undefined): Hub;
  /** What a request below `/hub` is answered. */
  ask(method: string, path: string, options?: Ask): Promise<Answer>;
}

export interface Ask {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly redirect?: "manual";
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into it as they like
  readonly body: any;
}

export async function stage(context: TestContext, options: SandboxOptions = {}): Promise<Stage> {
  const clock = { now: Date.parse("2026-05-01T12:00:00Z") };
  const failures: unknown[] = [];
  const sandbox = await startSandbox({
    clock: () => clock.now,
    rateLimit: 10_000,
    onFailure: (failure) => failures.push(failure),
    ...options,
  });
  const hubs: Hub[] = [];
  context.after(async () => {
    for (const hub of hubs) await hub.close();
    await sandbox.close();
    assert.deepEqual(failures, []);
  });
  return {
    sandbox,
    clock,
    as(who) {
      const hub = createHub({
        url: sandbox.hubUrl,
        authUrl: sandbox.urls.auth,
        registryUrl: sandbox.url,
        credentials: credentialsOf(who),
        scimToken: "harbour-scim-token",
        environment: {},
        allowDestructive: true,
        retries: 0,
      });
      hubs.push(hub);
      return hub;
    },
    async ask(method, path, { token, body, redirect } = {}) {
      const response = await fetch(sandbox.hubUrl + path, {
        method,
        ...(redirect && { redirect }),
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: /^[[{]/.test(text) ? JSON.parse(text) : text,
      };
    },
  };
}

function credentialsOf(who: string | HubCredentials | undefined): HubCredentials {
  if (who === undefined) return { kind: "anonymous" };
  if (typeof who !== "string") return who;
  return { kind: "secret", identifier: who, secret: `${who}-password` };
}

/** That a call is refused with this code, and in words that match. */
export async function refused(
  call: PromiseLike<unknown>,
  code: Parameters<typeof isError>[1],
  words: RegExp = /./,
): Promise<void> {
  await assert.rejects(
    async () => await call,
    (error: Error) => {
      assert(isError(error, code), `${String(error)} is no ${code}`);
      assert.match(error.message, words);
      return true;
    },
  );
}
