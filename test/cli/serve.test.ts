/** `wharf registry serve`, from start to end. */
import assert from "node:assert/strict";
import { execFile, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

import { cleanEnvironment, root, spawnWharf, wharf, wharfOk } from "../wharf.ts";
import { firstLine, hearing, jsonLines, temporaryFolder } from "./stage.ts";

const bin = join(root, "dist", "cli", "bin.js");

/** Takes a free port. */
async function takePort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, "close");
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}

for (const signal of ["SIGTERM", "SIGINT"] as const)
  test(`${signal} ends it with status 0, and what was pushed is there again`, async () => {
    const folder = temporaryFolder();
    const words = ["registry", "serve", "--store", join(folder, "data"), "--port=0"];
    const first = spawnWharf([...words, "--seed"]);
    const url = /^Serving .*data at (http:\S+)$/.exec(await firstLine(first))![1]!;
    const host = new URL(url).host;
    const { stdout: digest } = await wharfOk(["digest", `${host}/hello/wharf`]);
    assert.equal(await end(first, signal), 0);

    const second = spawnWharf([...words, "--json", "--log"]);
    let log = "";
    second.stderr.on("data", (data: Buffer) => (log += data.toString()));
    const { port } = JSON.parse(await firstLine(second)) as { port: number };
    const again = await wharfOk(["digest", `localhost:${port}/hello/wharf`]);
    assert.equal(again.stdout, digest);
    assert.equal(await end(second, signal), 0);
    const [entry] = jsonLines<{ method: string; target: string; status: number }>(log);
    assert.deepEqual(
      [entry?.method, entry?.target, entry?.status],
      ["HEAD", "/v2/hello/wharf/manifests/latest", 200],
    );
  });

test("a port that is taken is an error that says what to do", async (t) => {
  const port = await takePort(t);
  const { status, stdout, stderr } = await wharf([
    "registry",
    "serve",
    "--memory",
    `--port=${port}`,
  ]);
  assert.deepEqual([status, stdout], [1, ""]);
  assert.equal(
    stderr,
    `wharf: Port ${port} of 127.0.0.1 is taken by another program
       Name another port with --port; 0 takes any that is free.
`,
  );
  const { stderr: json } = await wharf([
    "registry",
    "serve",
    "--memory",
    `--port=${port}`,
    "--json",
  ]);
  assert.match(json, /"code":"PORT_IN_USE"/);
});

test("an address that others can reach has to be allowed", async () => {
  const { status, stderr } = await wharf([
    "registry",
    "serve",
    "--memory",
    "--host=0.0.0.0",
    "--port=0",
  ]);
  assert.equal(status, 2);
  assert.match(stderr, /^wharf: 0\.0\.0\.0 can be reached by others.*\n.*--allow-anonymous/);
});

test("--quickstart takes another port, and prints five commands that work as printed", async (t) => {
  const folder = temporaryFolder();
  const port = await takePort(t);
  const words = ["registry", "serve", "--quickstart", "--store=data", `--port=${port}`];
  const child = spawnWharf(words, { cwd: folder, environment: { npm_execpath: "npm" } });
  t.after(() => end(child, "SIGTERM"));
  const said = await hearing(child.stdout, /Ctrl-C ends it\./);
  const commands = said
    .split("\n")
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim());
  assert.equal(commands.length, 5);
  assert.ok(!said.includes(`:${port}/`));
  for (const command of commands) {
    assert.match(command, /^npx wharf /);
    const line = command.replace(/^npx wharf/, `"${process.execPath}" "${bin}"`);
    const { stdout } = await promisify(execFile)("sh", ["-c", line], {
      cwd: folder,
      env: cleanEnvironment(),
    });
    assert.notEqual(stdout, "", command);
  }
  assert.ok(existsSync(join(folder, "wharf-hello", "index.json")));
});

test("whoever has wharf installed is shown wharf, not npx", async (t) => {
  const child = spawnWharf(["registry", "serve", "--quickstart", "--memory", "--port=0"]);
  t.after(() => end(child, "SIGTERM"));
  const said = await hearing(child.stdout, /Ctrl-C ends it\./);
  assert.match(said, /\n {2}wharf inspect localhost:\d+\/hello\/wharf\n/);
  assert.ok(!said.includes("npx"));
});
