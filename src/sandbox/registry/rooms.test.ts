import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { State } from "../state/state.ts";
import { folderRooms } from "./rooms.ts";

test("a folder whose state names content outside of it is not opened", async (context) => {
  const parent = await mkdtemp(join(tmpdir(), "wharf-rooms-"));
  context.after(() => rm(parent, { recursive: true, force: true }));
  const data = join(parent, "data");
  await mkdir(data);
  const state = new State(":memory:");
  context.after(() => state.close());
  state.set("registry", "../others");
  await assert.rejects(folderRooms(data, state).current(), { code: "LAYOUT_INVALID" });
  assert.deepEqual(await readdir(parent), ["data"]);
});
