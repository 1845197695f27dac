/** All that Docker describes of Docker Hub, done with the sandbox by our client: what is sent and what is answered are as described. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createHub } from "../../src/entrance/hub.ts";
import { checkInput } from "../../src/hub/client/input.ts";
import { prepare } from "../../src/hub/client/request.ts";
import { missingBehaviours } from "../../src/sandbox/hub/hub.ts";
import type { AnyOperation } from "../../src/operation.ts";
import { answerErrors, requestErrors, sample, unlike } from "../hub/described-schema.ts";
import {
  type Described,
  describedOperations,
  descriptionMissing,
  entryOf,
} from "../hub/docker-description.ts";
import { calls, type Probe } from "./described-calls.ts";
import { type Exchange, startRecorder } from "./recorder.ts";
import { stage } from "./stage.ts";

const nullAtTheEnd =
  "next and previous are null where there is no other page, as the service has them";
/** In what the sandbox is not as described, and why; one that is as described after all fails the test. */
const differences: Readonly<Record<string, string>> = {
  "immutableTags.verify sends": "the pattern refuses its own example",
  "accessTokens.list answers": nullAtTheEnd,
  "groups.list answers": nullAtTheEnd,
  "groups.listMembers answers": nullAtTheEnd,
  "orgAccessTokens.list answers": nullAtTheEnd,
  "auditLogs.list looks": "which data an event has depends on what happened",
  "tags.list answers": "a tag has a list of images, not one; v2 is true, not a text",
  "tags.list looks": "as above",
  "tags.get answers": "as above",
  "tags.get looks": "as above",
  "orgMembers.list answers": "the service sends one page, not a list of pages",
  "orgMembers.list looks": "as above",
  "orgMembers.update answers": "roles come back with a capital letter",
  "invites.create answers": "the service sends the list itself, not one within an object",
  "invites.create looks": "as above",
};

const hidden = "what somebody may not see is 404 to them, and what is public is there for all";
const ofOneConnection = "a token is that of one connection, or none at all";
/** Refusals that are described, and that nothing leads to. */
const unreachable: Readonly<Record<string, string>> = {
  "repositories.list 403": "to strangers it lists what is public",
  "repositories.get 403": hidden,
  "repositories.check 403": hidden,
  "tags.list 403": hidden,
  "tags.checkAny 403": hidden,
  "tags.get 403": hidden,
  "tags.check 403": hidden,
  "orgMembers.export 400": "nothing can be wrong about it",
  "scim.listUsers 403": ofOneConnection,
  "scim.listUsers 404": "a list is always there",
  "scim.createUser 403": ofOneConnection,
  "scim.createUser 404": "a list is always there",
  "scim.getUser 400": "an id that is wrong is not there",
  "scim.getUser 403": ofOneConnection,
  "scim.updateUser 403": ofOneConnection,
  "scim.updateUser 409": "what it changes may be had by several",
  "invites.create 409": "who is invited already is said so in the list of outcomes",
};

const operations = descriptionMissing ? [] : describedOperations();
const described = new Map(operations.map((theirs) => [entryOf(theirs).id, theirs]));

test("each described operation is called", { skip: descriptionMissing }, () => {
  assert.equal(described.size, 54);
  assert.deepEqual(calls.map(({ id }) => id).toSorted(), [...described.keys()].toSorted());
  for (const { id, example } of calls)
    assert.equal(
      example !== undefined,
      described.get(id)!.body !== undefined,
      `${id}: its example`,
    );
  assert.deepEqual(
    missingBehaviours().filter((id) => described.has(id)),
    [],
  );
});

test(
  "what is sent, answered and refused is as described",
  { skip: descriptionMissing },
  async (context) => {
    const { as, ask, clock, sandbox } = await stage(context);
    const { url, exchanges } = await startRecorder(context, sandbox.url);
    const hub = createHub({
      url: `${url}/hub`,
      credentials: { kind: "secret", identifier: "alice", secret: "alice-password" },
      scimToken: "harbour-scim-token",
      environment: {},
      allowDestructive: true,
      retries: 0,
    });
    context.after(() => hub.close());
    const areas = hub as unknown as Record<string, Record<string, (input: unknown) => unknown>>;
    const alice = await as("alice").token();
    const tokens = {
      dave: await as("dave").token(),
      nobody: "nonsense",
    };
    // An answer about somebody who never signed in has no time of it.
    await as("bob").token();
    const got: Record<string, never> = {};

    for (const { id, input: wanted = {}, example, again, refused = {} } of calls) {
      const theirs = described.get(id)!;
      const { area, verb, operation } = entryOf(theirs);
      if (id === "auth.loginTwoFactor") await halfway();
      const input = checkInput(id, operation, typeof wanted === "function" ? wanted(got) : wanted);
      const prepared = prepare(operation, input);

      const refuses = (status: number) =>
        context.test(`${id} is refused with ${status}`, async () => {
          const probe = { ...usual(theirs, prepared, status), ...refused[status] };
          const { path = prepared.path, body = prepared.body, as: who = "alice" } = probe;
          const token = who === "alice" ? bearerOf(operation) : tokens[who];
          const { headers, ...answer } = await ask(theirs.method, path, { token, body });
          const mediaType = headers.get("content-type")?.split(";")[0] ?? "";
          agrees(`${id} ${status}`, () => {
            assert.equal(answer.status, status);
            assert.deepEqual(answerErrors(theirs, { ...answer, mediaType }), []);
          });
        });
      for (const status of refusalsOf(theirs))
        if (status !== again && !(`${id} ${status}` in unreachable)) await refuses(status);

      await context.test(`${id} sends and is answered`, async () => {
        got[id] = (await areas[area]![verb]!(input)) as never;
        const { answer, ...sent } = exchanges.at(-1)!;
        assert.equal(sent.method, theirs.method);
        assert(answer.status < 300);
        agrees(`${id} sends`, () => assert.deepEqual(requestErrors(theirs, sent), []));
        agrees(`${id} answers`, () => assert.deepEqual(answerErrors(theirs, answer), []));
        agrees(`${id} looks`, () =>
          assert.deepEqual(unlike(exampleOf(theirs, answer), answer.body), []),
        );
      });

      if (again !== undefined) await refuses(again);

      if (example !== undefined)
        await context.test(`${id} takes Docker's example`, async () => {
          if (id === "auth.loginTwoFactor") await halfway();
          const { example: whole, schema } = theirs.body!;
          const body = {
            ...((whole ?? sample(schema)) as object),
            ...(typeof example === "function" ? example(got) : example),
          };
          const token = bearerOf(operation);
          const answer = await ask(theirs.method, prepared.path, { token, body });
          assert(answer.status < 300, JSON.stringify([answer.status, answer.body]));
          got[`${id} example`] = answer.body as never;
        });
    }

    /** What alice, who may, calls an operation with. */
    function bearerOf({ auth }: AnyOperation): string | undefined {
      if (auth === "none") return undefined;
      return auth === "scim" ? "harbour-scim-token" : alice;
    }

    /** Signs carol in as far as her password goes; of each code there is one use. */
    async function halfway(): Promise<void> {
      clock.now += 30_000;
      const body = { username: "carol", password: "carol-password" };
      const answer = await ask("POST", "/v2/users/login", { body });
      got["half"] = answer.body.login_2fa_token as never;
      got["code"] = sandbox.code("carol") as never;
    }
  },
);

function agrees(what: string, check: () => void): void {
  if (what in differences) assert.throws(check, `${what}: no difference any more`);
  else check();
}

/** The refusals that are described and are the caller's own doing; what else is described is 403 to strangers. */
function refusalsOf({ responses }: Described): number[] {
  const listed = Object.keys(responses).map((status) => (status === "default" ? 403 : +status));
  return listed.filter((status) => status >= 400 && status < 429);
}

/** What usually leads to a refusal: no token, that of a stranger, a name that nothing has, fields of a wrong kind. */
function usual(
  { path: template, method }: Described,
  { path, body }: { path: string; body?: unknown },
  status: number,
): Probe {
  switch (status) {
    case 401:
      return { as: "nobody" };
    case 403:
      return { as: "dave" };
    case 404: {
      const at = template.split("/").findIndex((segment) => segment.startsWith("{"));
      const segments = path.split("/");
      segments[at] = "nothing-like-it";
      return { path: segments.join("/") };
    }
    case 400:
      if (method === "GET") return { path: `${path.split("?")[0]}?page=0` };
      return {
        body: Object.fromEntries(Object.keys((body ?? {}) as object).map((name) => [name, {}])),
      };
    default:
      return {};
  }
}

/** What Docker shows as the answer, or what the examples of its fields make. */
function exampleOf({ responses }: Described, { status, mediaType }: Exchange["answer"]): unknown {
  const { example, examples, schema } = responses[status]?.content?.[mediaType] ?? {};
  if (mediaType === "text/csv") return undefined;
  return example ?? Object.values(examples ?? {})[0]?.value ?? sample(schema);
}
