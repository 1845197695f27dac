import assert from "node:assert/strict";
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { WharfError } from "../errors.ts";
import { openHolding } from "./holding.ts";

test("a folder is free for the next one also where the registry could not be closed", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-holding-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  const options = { data, seed: "none", now: Date.now } as const;
  const first = await openHolding(options);
  context.mock.method(first.content.collection, "close", async () => {
    throw new WharfError("DISK_FULL", "no space left");
  });
  await assert.rejects(first.close(), { code: "DISK_FULL" });
  const next = await openHolding(options);
  await next.close();
});

test("content that is left of a state that somebody has deleted neither comes to the next one nor is lost", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-holding-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  const options = { data, seed: "small", now: Date.now } as const;
  const first = await openHolding(options);
  const site = first.content.collection.repository("alice/site");
  await site.tag(await site.resolve("latest"), "left");
  await first.close();
  await rm(join(data, "sandbox.db"));
  await assert.rejects(openHolding(options), { code: "LAYOUT_INVALID", message: /registry: / });
  assert((await readdir(join(data, "registry", "repositories"))).includes("alice+site"));
});

test("a folder that somebody else calls registry-2 is not taken away", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-holding-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  await mkdir(join(data, "registry-2"));
  await writeFile(join(data, "registry-2", "notes.txt"), "mine");
  const options = { data, seed: "none", now: Date.now } as const;
  await assert.rejects(openHolding(options), { code: "LAYOUT_INVALID", message: /registry-2/ });
  assert.deepEqual(await readdir(join(data, "registry-2")), ["notes.txt"]);
});

test("a state that is damaged where it is read first is told as that", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-holding-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  const options = { data, seed: "small", now: Date.now } as const;
  await (await openHolding(options)).close();
  const path = join(data, "sandbox.db");
  const file = await open(path, "r+");
  // The first pages have the schema, which is read when it is opened, the next ones what the tables hold.
  await file.write(Buffer.alloc(20 * 4096, 0xa5), 0, 20 * 4096, 3 * 4096);
  await file.close();
  await assert.rejects(openHolding(options), { code: "LAYOUT_INVALID", message: /damaged/ });
});
