import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { downloadBlob } from "../src/registry/download.ts";
import { blobOf, repositoryForTest } from "../src/registry/testing/remote.ts";
import { startScriptedServer } from "./scripted-server.ts";

const blob = blobOf(3_000_000);
const { descriptor, bytes } = blob;

/** Downloads, and says when half is on the disk: what was received may still be on its way there. */
const program = `
import { globSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
const [host, file, descriptor] = process.argv.slice(1);
const { downloadBlob } = await import(${JSON.stringify(new URL("../src/registry/download.ts", import.meta.url))});
const { repositoryForTest } = await import(${JSON.stringify(new URL("../src/registry/testing/remote.ts", import.meta.url))});
const look = setInterval(() => {
  const [part] = globSync(join(dirname(file), "*.part"));
  if (part === undefined || statSync(part).size < 1_200_000) return;
  clearInterval(look);
  console.log("half");
}, 5);
await downloadBlob(repositoryForTest(host), JSON.parse(descriptor), file);
`;

test("a download whose process is killed goes on in the next", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "resume-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "layer");
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: /blobs/ },
      answer: ({ headers }) => {
        const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
        if (start === 0) return { body: bytes, fault: "stall", faultAt: 1_600_000 };
        return {
          status: 206,
          headers: { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` },
          body: bytes.subarray(start),
        };
      },
    },
  ]);
  context.after(() => server.close());

  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", program, server.host, file, JSON.stringify(descriptor)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith(".part")).length, 1);

  const { resumed } = await downloadBlob(repositoryForTest(server.host), descriptor, file);
  assert(resumed > 1_000_000, `${resumed} bytes were kept`);
  assert((await readFile(file)).equals(bytes));
  assert.deepEqual(await readdir(folder), ["layer"]);
});
