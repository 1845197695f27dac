/** What a sandbox loads, and when. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const entrance = new URL("../../src/entrance/sandbox.ts", import.meta.url).href;

/** Starts a sandbox in a process of its own, and says what was loaded until then, and with a request for a tag of the registry. */
const program = `
  import { registerHooks } from "node:module";
  let loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  const { startSandbox } = await import(${JSON.stringify(entrance)});
  const sandbox = await startSandbox();
  const started = loaded;
  loaded = [];
  await (await fetch(sandbox.url + "/v2/library/hello/tags/list")).arrayBuffer();
  await sandbox.close();
  console.log(JSON.stringify({ started, pulled: loaded }));
`;

test("the start loads neither schemas nor GraphQL nor what answers requests, and the registry no Docker Hub", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    program,
  ]);
  const { started, pulled } = JSON.parse(stdout) as { started: string[]; pulled: string[] };
  const heavy = /node_modules|\/src\/(?:hub|scout|registry|distribution\/handler)\b/;
  const part = /\/sandbox\/(?:hub\/hub|scout\/scout|control\/control|registry\/registry)\.ts$/;
  assert.deepEqual(
    started.filter((url) => heavy.test(url) || part.test(url)),
    [],
  );
  assert(started.length < 120, `${started.length} modules are loaded`);
  assert.deepEqual(
    pulled.filter((url) => /zod|graphql|\/src\/hub\//.test(url)),
    [],
  );
});
