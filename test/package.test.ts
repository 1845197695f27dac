/** The package as it is published, under the oldest Node that it promises to run on. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { cleanEnvironment, root } from "./wharf.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "wharf-package-"));
const bin = join(folder, "node_modules", ".bin");
/** The oldest Node comes first on the path, as it would on a machine that has only that. */
const environment = cleanEnvironment({ PATH: `${bin}:${process.env.PATH}` });
const wharf = (...words: string[]) =>
  run(join(bin, "wharf"), words, { cwd: folder, env: environment });

before(async () => {
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  writeFileSync(
    join(folder, "package.json"),
    '{ "private": true, "type": "module", "allowScripts": { "node": true } }',
  );
  const tarball = (await run("ls", [folder])).stdout.match(/wharfinger-.*\.tgz/)![0];
  await run("npm", ["install", "--no-audit", "--no-fund", join(folder, tarball), "node@22.19"], {
    cwd: folder,
  });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("it runs on Node 22.19", async () => {
  assert.match((await run(join(bin, "node"), ["--version"])).stdout, /^v22\.19\./);
  const { stdout, stderr } = await wharf("--version");
  assert.match(stdout, /^wharf \d+\.\d+\.\d+\n$/);
  assert.equal(stderr, "");
});

test("the unit tests pass there", async () => {
  const files = globSync("src/**/*.test.ts", { cwd: root });
  const words = ["--test", "--test-reporter=tap", ...files];
  const { stdout } = await run(join(bin, "node"), words, {
    cwd: root,
    env: environment,
    maxBuffer: 64 << 20,
  }).catch(({ stdout: said }: { stdout: string }) => {
    const failed = said.split("\n").filter((line) => /^ *not ok/.test(line));
    assert.fail(`${failed.join("\n")}`);
  });
  assert.match(stdout, /^# pass [1-9]\d{3}$/m);
});

test("it serves, copies and reads there, with nothing on stderr", async () => {
  const words = ["registry", "serve", "--store", "data", "--port", "0", "--seed", "--json"];
  const server = spawn(join(bin, "wharf"), words, { cwd: folder, env: environment });
  let stderr = "";
  server.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  try {
    const first = await new Promise<string>((resolve, reject) => {
      server.stdout.once("data", (data: Buffer) => resolve(data.toString()));
      server.once("close", () => reject(new Error(stderr)));
    });
    const { host } = new URL((JSON.parse(first) as { url: string }).url);
    for (const words of [
      ["copy", `${host}/hello/wharf`, "oci:layout:latest", "--quiet"],
      ["copy", "oci:layout:latest", `${host}/mine/hello:v1`, "--quiet"],
      ["copy", "oci:layout:latest", "oci-archive:hello.tar", "--quiet"],
      ["inspect", `${host}/mine/hello:v1`],
      ["tags", `${host}/mine/hello`],
    ])
      assert.equal((await wharf(...words)).stderr, "", words.join(" "));
    assert.equal((await wharf("tags", `${host}/mine/hello`)).stdout.trim(), "v1");
  } finally {
    const ended = new Promise((resolve) => server.once("close", resolve));
    server.kill("SIGTERM");
    await ended;
  }
  assert.equal(stderr, "");
});

test("what it exports is there, with types, and nothing that only the build needs", () => {
  const inside = join(folder, "node_modules", "wharfinger");
  const { exports } = JSON.parse(readFileSync(join(inside, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  for (const [name, files] of Object.entries(exports))
    for (const file of typeof files === "string" ? [files] : Object.values(files))
      assert.ok(existsSync(join(inside, file)), `${name}: ${file}`);
  const typed = Object.values(exports).filter((files) => typeof files !== "string");
  assert.ok(typed.every(({ types }) => types?.endsWith(".d.ts")));
  const surplus = readdirSync(inside, { recursive: true, encoding: "utf8" })
    // Fixtures of test runners are there to be copied.
    .filter((file) => !/^examples\/test-fixture\/\w+\.test\.mjs$/.test(file))
    .filter((file) => /(?:^|\/)\.|\.test\.|\.map$|(?:^|\/)testing\//.test(file));
  assert.deepEqual(surplus, []);
});

test("the programs that the page of examples names are brought along", () => {
  const docs = join(folder, "node_modules", "wharfinger", "docs");
  const page = readFileSync(join(docs, "examples.md"), "utf8");
  const programs = [...page.matchAll(/\]\((\.\.\/examples\/[^)]+)\)/g)].map(([, path]) => path!);
  assert.ok(programs.length > 5);
  for (const path of programs) assert.ok(existsSync(join(docs, path)), path);
});

test("the library is importable, with types", async () => {
  writeFileSync(
    join(folder, "use.mjs"),
    `import { parseReference, copy } from "wharfinger/registry";
     import { BlobStore, DXF } from "wharfinger/blobstore";
     console.log(parseReference("alpine").repository, typeof copy);
     const store = new BlobStore("registry.example.com", "fred/datalogger");
     console.log(store.url.href, store.repository, typeof DXF);
     await store.close();`,
  );
  const { stdout, stderr } = await run(join(bin, "node"), ["use.mjs"], { cwd: folder });
  assert.equal(
    stdout,
    "library/alpine function\nhttps://registry.example.com/ fred/datalogger function\n",
  );
  assert.equal(stderr, "");
});

test("a sandbox runs in a program, and the clients of Docker Hub and Scout speak to it", async () => {
  writeFileSync(
    join(folder, "sandbox.mjs"),
    `import { createHub } from "wharfinger/hub";
     import { createScout } from "wharfinger/scout";
     import { startSandbox } from "wharfinger/sandbox";
     const sandbox = await startSandbox();
     const credentials = { kind: "secret", identifier: "alice", secret: "alice-password" };
     const hub = createHub({ url: sandbox.hubUrl, credentials });
     const { name } = await hub.repositories.get({ namespace: "alice", repository: "notes" });
     const scout = createScout({ url: sandbox.hubUrl, scoutUrl: sandbox.scoutUrl, credentials });
     console.log(name, JSON.stringify(await scout.query("{ __typename }")));
     await scout.close();
     await hub.close();
     await sandbox.close();`,
  );
  const { stdout, stderr } = await run(join(bin, "node"), ["sandbox.mjs"], { cwd: folder });
  assert.equal(stdout, 'notes {"__typename":"Query"}\n');
  assert.equal(stderr, "");
});

test("docker-hub-api's names come by require and by import, without a warning", async () => {
  const names = "Object.keys(api).filter((name) => typeof api[name] === 'function').length";
  writeFileSync(
    join(folder, "use.cjs"),
    `const api = require("wharfinger/compat/docker-hub-api"); console.log(typeof api.loggedInUser, ${names});`,
  );
  writeFileSync(
    join(folder, "compat.mjs"),
    `import * as api from "wharfinger/compat/docker-hub-api"; console.log(typeof api.loggedInUser, ${names});`,
  );
  const outputs = [];
  for (const file of ["use.cjs", "compat.mjs"]) {
    const { stdout, stderr } = await run(join(bin, "node"), [file], { cwd: folder });
    assert.equal(stderr, "", file);
    outputs.push(stdout);
  }
  assert.match(outputs[0]!, /^function [1-9]/);
  assert.equal(outputs[0], outputs[1]);
});

test("an older Node gets one sentence that names the version needed", async (t) => {
  const old = await mkOld();
  t.after(() => rmSync(old, { recursive: true, force: true }));
  const script = join(folder, "node_modules", "wharfinger", "dist", "cli", "bin.js");
  await assert.rejects(
    run(join(old, "node_modules", ".bin", "node"), [script, "--version"]),
    ({ stderr }: { stderr: string }) =>
      /^wharf needs Node 22\.19 or newer; this is 18\..*\n$/.test(stderr),
  );
});

async function mkOld(): Promise<string> {
  const old = mkdtempSync(join(tmpdir(), "wharf-old-node-"));
  writeFileSync(join(old, "package.json"), '{ "private": true, "allowScripts": { "node": true } }');
  await run("npm", ["install", "--no-audit", "--no-fund", "node@18"], { cwd: old });
  return old;
}
