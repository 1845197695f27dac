import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../../errors.ts";
import { createHeaders } from "../../http/headers.ts";
import { json, stage } from "../testing/stage.ts";
import { readRateLimit, waitAsked } from "./rateLimit.ts";

const now = 1_800_000_000_000;
const headers = (fields: Readonly<Record<string, string>>) => createHeaders(Object.entries(fields));

test("each way to say how long to wait is understood", () => {
  for (const [fields, wait] of [
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": new Date(now + 9000).toUTCString() }, 9000],
    [{ "x-retry-after": String(now / 1000 + 5) }, 5000],
    [{ "x-retry-after": String(now / 1000 - 5) }, 0],
    [{ "x-retry-after": "3" }, 3000],
    [
      {
        "x-ratelimit-limit": "180",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(now / 1000 + 11),
      },
      11_000,
    ],
    [{ "x-ratelimit-limit": "180", "x-ratelimit-remaining": "3" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ] as const)
    assert.equal(waitAsked(headers(fields), now), wait, JSON.stringify(fields));
});

test("what is no number is no limit", () => {
  assert.equal(readRateLimit(headers({ "x-ratelimit-limit": "many" })), undefined);
  assert.deepEqual(
    readRateLimit(headers({ "x-ratelimit-limit": "180", "x-ratelimit-remaining": "0" })),
    { limit: 180, remaining: 0 },
  );
});

test("a read waits where it is told to, and a change is the caller's to repeat", async (context) => {
  let refusals = 1;
  const { hub, log } = await stage(context, (seen, response) => {
    refusals -= 1;
    if (refusals >= 0) return json(response, 429, { detail: "slow down" }, { "retry-after": "0" });
    json(response, 200, { uuid: "a", token_label: "b", is_active: true, scopes: [] });
  });
  assert.equal((await hub.accessTokens.get({ uuid: "a" })).uuid, "a");
  assert.equal(log.length, 3);
  refusals = 1;
  await assert.rejects(
    hub.accessTokens.update({ uuid: "a", token_label: "c" }),
    (error) => isError(error, "RATE_LIMITED") && error.details.retryAfter === 0,
  );
  assert.equal(log.length, 4);
});

test("a call is over when its time is, or its caller says so", async (context) => {
  const { hub } = await stage(context, () => {});
  await assert.rejects(hub.accessTokens.get({ uuid: "a" }, { timeout: 20 }), (error) =>
    isError(error, "TIMEOUT"),
  );
  const controller = new AbortController();
  const call = hub.accessTokens.get({ uuid: "a" }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, (error) => isError(error, "INTERRUPTED"));
});
