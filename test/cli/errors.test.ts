/** What the command says when something is wrong: read aloud, each must make sense. */
import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { cleanEnvironment, root, serveRegistry, spawnWharf, wharf } from "../wharf.ts";
import { cargo, jsonLines, push, temporaryFolder } from "./stage.ts";

const folder = temporaryFolder();
let server: Awaited<ReturnType<typeof serveRegistry>>;
before(async () => {
  server = await serveRegistry("unused", ["--memory"]);
  await push(cargo(), server.host, "app");
});
after(() => server.close());

/** `HOST` in the words stands for the registry's address, as it does in what is said. */
async function failure(line: string): Promise<{ status: number | null; said: string }> {
  const words = line.split(" ").map((word) => word.replaceAll("HOST", server.host));
  const { status, stdout, stderr } = await wharf(words, { cwd: folder });
  assert.equal(stdout, "", line);
  return { status, said: stderr.replaceAll(server.host, "HOST").replaceAll(folder, "FOLDER") };
}

for (const [line, status, said] of [
  // What was typed
  ["cpoy a b", 2, "There is no command 'cpoy'\nDid you mean 'wharf copy'?"],
  ["cp a b", 2, "There is no command 'cp'\nDid you mean 'wharf copy'?"],
  ["catalog HOST", 2, "There is no command 'catalog'\nDid you mean 'wharf repos'?"],
  ["ls HOST/app", 2, "There is no command 'ls'\nDid you mean 'wharf tags'?"],
  ["frobnicate", 2, "There is no command 'frobnicate'\nSee wharf --help"],
  [
    "manifest",
    2,
    "'wharf manifest' needs one of its commands\nKnown: wharf manifest get, wharf manifest head, wharf manifest put, wharf manifest delete",
  ],
  ["manifest gte", 2, "There is no command 'manifest gte'\nDid you mean 'wharf manifest get'?"],
  [
    "blob frobnicate",
    2,
    "There is no command 'blob frobnicate'\nKnown: wharf blob get, wharf blob head, wharf blob put, wharf blob mount, wharf blob delete, wharf blob alias, wharf blob list",
  ],
  ["--quiet", 2, "No command is named\nSee wharf --help"],
  // A variable of a script that is empty is no question for help.
  ["", 2, "No command is named\nSee wharf --help"],
  [
    "hub repositories ",
    2,
    "'wharf hub repositories' needs one of its commands\nSee wharf hub repositories --help",
  ],
  ["tags app --mtach x", 2, "There is no flag --mtach\nDid you mean --match?"],
  ["tags app -z", 2, "There is no flag -z\nSee wharf tags --help"],
  ["tags app --limit", 2, "--limit needs a value\nWrite --limit N"],
  ["tags app --limit=0", 2, "--limit is a whole number from 1, not '0'\nSee wharf tags --help"],
  [
    "tags app --sort=size",
    2,
    "--sort is one of registry, name, semver, date, not 'size'\nSee wharf tags --help",
  ],
  [
    "tags app --match=(",
    2,
    "--match: Invalid regular expression: /(/u: Unterminated group\nJavaScript's regular expressions are meant.",
  ],
  ["copy HOST/app", 2, "wharf copy needs DST\nUsage: wharf copy SRC DST. See wharf copy --help"],
  [
    "digest a b",
    2,
    "wharf digest does not know what to do with 'b'\nUsage: wharf digest REF. See wharf digest --help",
  ],
  [
    "sandbox small",
    2,
    "wharf sandbox does not know what to do with 'small'\nUsage: wharf sandbox. See wharf sandbox --help",
  ],
  [
    "sandbox --seed large",
    4,
    "large: no such file or directory (ENOENT)\nIt is the name of a file. Ours are chosen by --scale small, --scale large and --empty.",
  ],
  [
    "copy HOST/app HOST/b --jobs=0",
    2,
    "--jobs is a whole number from 1 to 64, not '0'\nSee wharf copy --help",
  ],
  ["copy HOST/app HOST/b --match x", 2, "--match goes with --all-tags\nSee wharf copy --help"],
  ["tags HOST/app:1.0", 2, "'HOST/app:1.0' names one image\nName the repository, without ':1.0'."],
  [
    "delete HOST/app --yes",
    2,
    "'HOST/app' names neither a tag nor a digest\nFor the tag latest, write HOST/app:latest",
  ],
  [
    "hub audit acme --follow --every 30d",
    2,
    "--every is a time from 1s to 20d, not '30d'\nSee wharf hub audit --help",
  ],
  [
    "hub repositories create Acme/App",
    2,
    "repositories.create: name: must be of lower case letters and digits, with single . _ - between them\nFields: namespace, name, description, full_description, registry, is_private.",
  ],
  ["blob head HOST/app", 2, "'HOST/app' names no digest\nA blob is REPO@sha256:…"],
  ["digest App", 2, `Repository "App" must be lower case\nDid you mean "app"?`],
  ["completion tcsh", 2, "There is no completion for 'tcsh'\nKnown shells are bash, zsh and fish."],
  [
    "login HOST",
    2,
    "There is no terminal to ask on: Username for HOST\nSay it with --username NAME.",
  ],
  [
    "login HOST -u me --password-stdin",
    2,
    "Standard input is empty\nPipe the secret in, as in `pass show x | wharf …`.",
  ],
  [
    "delete HOST/app:1.0",
    2,
    "Delete HOST/app:1.0? Nobody is there to answer\nRun it in a terminal and answer, or pass --yes.",
  ],
  [
    "tag HOST/app:1.0 HOST/app:2",
    2,
    "'HOST/app:2' is no tag\nNEW is a tag alone; wharf copy copies to a repository.",
  ],
  // What is not there
  [
    "digest HOST/app:2",
    4,
    "GET http://HOST/v2/app/manifests/2: MANIFEST_UNKNOWN: no manifest 2 (404)\nSee what is there with `wharf tags`; a private repository may need `wharf login`.",
  ],
  [
    "tags HOST/none",
    4,
    "GET http://HOST/v2/none/tags/list?n=1000: NAME_UNKNOWN: there is no repository none (404)\nCheck the name; if it is private, sign in with `wharf login`.",
  ],
  ["digest oci:none:1", 4, "FOLDER/none: no such folder\nCheck the path."],
  ["blob put HOST/app none", 4, "There is no file none\nCheck the path."],
  [
    "copy docker-archive:none HOST/b",
    4,
    "none: no such file or directory (ENOENT)\nCheck the path.",
  ],
  ["manifest put HOST/app:1 none", 4, "none: no such file or folder\nCheck the path."],
  ["--credentials HOST=@none tags HOST/app", 4, "none: no such file or folder\nCheck the path."],
  [
    "digest oci-archive:none.tar",
    4,
    "none.tar: no such file or directory (ENOENT)\nCheck the path.",
  ],
  // What cannot be
  ["tags docker-archive:x", 4, "x: no such file or directory (ENOENT)\nCheck the path."],
  ["blob put HOST/app .", 1, ". is a folder\nA blob is one file: pipe `tar c` in."],
  [
    "ping 127.0.0.1:1",
    1,
    "GET http://127.0.0.1:1/v2/: connection refused\nCheck host, port and proxy.",
  ],
  [
    "digest 127.0.0.1:1/x",
    1,
    "HEAD http://127.0.0.1:1/v2/x/manifests/latest: connection refused (tried 3 times)\nCheck host, port and proxy; try `wharf ping 127.0.0.1:1`.",
  ],
] as const)
  test(`wharf ${line}`, async () => {
    const found = line.startsWith("ping") ? await failureAfterState(line) : await failure(line);
    const [message, hint] = said.split("\n");
    assert.equal(found.said, `wharf: ${message}\n       ${hint}\n`);
    assert.equal(found.status, status);
  });

/** ping says the state on standard output besides. */
async function failureAfterState(line: string) {
  const { status, stdout, stderr } = await wharf(line.split(" "));
  assert.equal(stdout, "127.0.0.1:1: unreachable\n");
  return { status, said: stderr };
}

test("--debug adds where it came from, and nothing else does", async () => {
  const words = ["digest", `${server.host}/app:2`];
  assert.ok(!/\n +at /.test((await wharf(words)).stderr));
  const { stderr } = await wharf([...words, "--debug"]);
  assert.match(stderr, /1 > HEAD http/);
  assert.match(stderr, /\n +at /);
});

test("what is binary and JSON cannot share a stream", async () => {
  for (const words of [
    ["copy", "app", "docker-archive:-"],
    ["copy", "app", "oci-archive:-:tag"],
    ["blob", "get", `app@sha256:${"0".repeat(64)}`],
  ]) {
    const { status, stderr } = await wharf([...words, "--json"]);
    assert.equal(status, 2);
    const [{ error }] = jsonLines<{ error: { message: string } }>(stderr) as [
      { error: { message: string } },
    ];
    assert.match(error.message, /cannot both go to standard output$/);
  }
});

test("flags of every command may stand before it", async () => {
  const { stdout, status } = await wharf([
    "--json",
    "--plain-http",
    "x",
    "digest",
    `${server.host}/app:1.0`,
  ]);
  assert.equal(status, 0);
  assert.ok(JSON.parse(stdout));
});

test("a reader that stops early is no failure, and leaves no trace", async () => {
  const cases = [["--help"], ["tags", "--help"], ["completion", "bash"], ["repos", server.host]];
  for (const words of cases) {
    const child = spawnWharf(words);
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.stdout.destroy();
    const [status] = (await once(child, "close")) as [number];
    assert.deepEqual([status, stderr], [0, ""], words.join(" "));
  }
});

test("a copy goes on to its end where nobody reads its events", async () => {
  const child = spawnWharf(["copy", `${server.host}/app:1.0`, `${server.host}/unread:1`, "--json"]);
  child.stdout.destroy();
  const [status] = (await once(child, "close")) as [number];
  assert.equal(status, 0);
  assert.equal((await wharf(["tags", `${server.host}/unread`])).stdout, "1\n");
});

test("standard output that cannot be written is told in one line", async () => {
  const bin = join(root, "dist", "cli", "bin.js");
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [bin, "repos", server.host], {
    env: cleanEnvironment(),
    stdio: ["ignore", full, "pipe"],
  });
  let stderr = "";
  child.stderr!.on("data", (data: Buffer) => (stderr += data.toString()));
  const [status] = (await once(child, "close")) as [number];
  assert.equal(status, 1);
  assert.match(stderr, /^wharf: standard output: .*no space left on device.*\n$/);
});

test("a pipe that never ends is left alone by those who do not need it", async () => {
  for (const words of [
    ["digest", `${server.host}/app:1.0`],
    ["delete", `${server.host}/app:1.0`],
    ["blob", "put", "127.0.0.1:1/x", "-"],
  ]) {
    const child = spawnWharf(words); // its standard input stays open
    child.stdin.write("x");
    const [status] = (await once(child, "close")) as [number];
    assert.equal(typeof status, "number", words.join(" "));
    child.stdin.destroy();
  }
});
