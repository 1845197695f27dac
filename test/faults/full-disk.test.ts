/** Disks that are full: the error says so, nothing looks finished that is not, and with more room the same run goes on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { blobOf } from "../../src/registry/testing/remote.ts";
import { pushImage } from "../../src/transfer/testing/images.ts";
import { findSmallDisk } from "./small-disk.ts";
import { openStage, temporaryFolder } from "./stage.ts";

const disk = findSmallDisk();
const program = fileURLToPath(new URL("fill-disk.ts", import.meta.url));
/** What the system says where no file may be larger is not that the disk is full. */
const full = disk.kind === "tmpfs" ? /^DISK_FULL .*no space left/ : /^FILE_FAILED .*too large/i;

/** Writes an image of 3 MB to a disk of 2 MiB, and again with more room. */
async function fill(context: TestContext, what: string) {
  const { collection, proxy } = await openStage(context);
  const layers = [blobOf(3_000_000).bytes];
  await pushImage(collection.repository("a/b"), { tag: "latest", layers });
  const folder = await temporaryFolder(context);
  context.diagnostic(`by ${disk.kind}`);
  const command = [process.execPath, program, what, join(folder, "work"), proxy.host, "latest"];
  const [first, second] = await disk.run(folder, 2 << 20, command);
  return { first, second, proxy };
}

test("a download keeps what has come, and goes on there", async (context) => {
  const { first, second, proxy } = await fill(context, "download");
  assert.match(first[0] ?? "", full);
  assert.match(first[1] ?? "", /^sha256-\w+\.part$/);
  assert.deepEqual(second, ["ok", "blob"]);
  const ranges = proxy.seen.map(({ headers }) => headers.range).filter((range) => range);
  assert.equal(ranges.length, 1, "the second run has asked for the rest only");
});

test("a layout has no tag before it is whole", async (context) => {
  const { first, second } = await fill(context, "layout");
  assert.match(first[0] ?? "", full);
  assert.deepEqual(second, ["ok", "layout"]);
});

test("an archive has no name before it is whole", async (context) => {
  const { first, second } = await fill(context, "archive");
  assert.match(first[0] ?? "", full);
  assert.doesNotMatch(first[1] ?? "", /a\.tar\b/);
  assert.deepEqual(second, ["ok", "a.tar"]);
});

test("our server says that it has no space left, and goes on serving when it has", async (context) => {
  const { first, second } = await fill(context, "server");
  assert.match(
    first[0] ?? "",
    disk.kind === "tmpfs" ? /^SERVER_ERROR .*no space left \(507\)/ : /^SERVER_ERROR/,
  );
  assert.deepEqual(second, ["ok", "data"]);
});
