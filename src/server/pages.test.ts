import assert from "node:assert/strict";
import { test } from "node:test";

import { WharfError } from "../errors.ts";
import { createMemoryCollection } from "../store/memory.ts";
import { startServer } from "./server.ts";

test("a store that fails makes the server live, but not ready", async (t) => {
  const collection = createMemoryCollection();
  const server = await startServer({
    port: 0,
    collection: {
      ...collection,
      hasRepository: () => Promise.reject(new WharfError("FILE_FAILED", "/secret/path")),
    },
  });
  t.after(() => server.close());
  const read = async (path: string) => {
    const answer = await fetch(server.url + path);
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await read("/livez"), [200, "ok\n"]);
  assert.deepEqual(await read("/readyz"), [503, "the store fails: FILE_FAILED\n"]);
});
