/** The programs in examples/, run as those who copy them would run them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { parse } from "yaml";

import { startSandbox } from "../src/entrance/sandbox.ts";
import { startScriptedServer } from "./scripted-server.ts";
import { cleanEnvironment, root } from "./wharf.ts";

const run = promisify(execFile);
/** `node` means the Node that runs the tests. */
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;

mkdirSync(join(root, ".wharf"), { recursive: true });
const folder = mkdtempSync(join(root, ".wharf", "examples-"));
after(() => rmSync(folder, { recursive: true, force: true }));
// As `npm init` leaves a project: what is copied there has to say itself that it is a module.
writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "commonjs" }');
mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules/wharfinger"));

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly jobs: {
    readonly cleanup: {
      readonly steps: readonly {
        readonly run?: string;
        readonly env?: Readonly<Record<string, string>>;
      }[];
    };
  };
}

test("the workflow tells what it would delete, and deletes only when it is told to", async (context) => {
  const secret = "dckr_pat_of_the_cleanup";
  const days = (name: string, age: number) => ({ name, pushed: `${age}d` });
  const sandbox = await startSandbox({
    seed: {
      accounts: [
        { name: "acme", password: "unused", tokens: [{ label: "cleanup", token: secret }] },
      ],
      repositories: [
        {
          name: "acme/app",
          tags: [days("v1.0.0", 300), days("latest", 1)].concat(
            ["pr-1", "pr-2", "sha-0a1b", "pr-4", "pr-5", "pr-6", "pr-7"].map((name, place) =>
              days(name, 90 - 10 * place),
            ),
          ),
        },
      ],
    },
  });
  context.after(() => sandbox.close());
  cpSync(join(root, "examples/image-cleanup"), join(folder, ".github/workflows"), {
    recursive: true,
  });
  const workflow = parse(
    readFileSync(join(folder, ".github/workflows/workflow.yml"), "utf8"),
  ) as Workflow;
  const { run: command = "", env = {} } = workflow.jobs.cleanup.steps.at(-1)!;

  /** Runs the last step as GitHub would, with what its expressions mean. */
  const step = async (inputs: Readonly<Record<string, string>>): Promise<string> => {
    const meaning: Readonly<Record<string, string>> = {
      "vars.DOCKERHUB_USERNAME": "acme",
      "secrets.DOCKERHUB_TOKEN": secret,
      ...inputs,
    };
    const filled = Object.entries(env).map(([name, value]) => [
      name,
      value.replace(/\$\{\{ (\S+) \}\}/, (_, expression: string) => meaning[expression] ?? ""),
    ]);
    const environment = cleanEnvironment({
      ...(Object.fromEntries(filled) as Record<string, string>),
      PATH,
      DOCKERHUB_URL: sandbox.hubUrl,
      GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
    });
    return (await run("sh", ["-c", command], { cwd: folder, env: environment })).stdout;
  };

  const told = await step({});
  assert.match(told, /^would delete pr-2, pushed \d{4}-\d\d-\d\d\nwould delete pr-1, pushed /);
  assert.match(told, /\n2 of 7 tags of acme\/app that match \^\(pr\|sha\)-\n$/);
  assert.match(await step({ "inputs.delete": "false" }), /^would delete pr-2/);
  await sandbox.fail("tags.delete 503 at=answer first=1");
  assert.match(await step({ "inputs.delete": "true" }), /^deleted pr-2, .*\ndeleted pr-1, /);
  assert.match(await step({ "inputs.delete": "true" }), /^0 of 5 tags/);
  assert.match(readFileSync(join(folder, "summary.md"), "utf8"), /^- deleted pr-1, pushed/m);
  const deletions = sandbox.requests.filter(({ method }) => method === "DELETE");
  assert.deepEqual(
    deletions.map(({ target }) => target),
    ["pr-2", "pr-2", "pr-1"].map((tag) => `/hub/v2/repositories/acme/app/tags/${tag}/`),
  );
});

test("the cleanup is not led astray by tags without a date, and waits where no calls are left", async (context) => {
  const pushed = { new: "2024-03-01", newer: "2024-04-01", old: "2024-01-01", older: "2023-01-01" };
  // In this order a sort that compares with what is no number puts an old one before the newest.
  const names = ["pr-old", "pr-none", "pr-newer", "pr-nothing", "pr-older", "pr-new"] as const;
  const results = names.map((name) => {
    const day = pushed[name.slice(3) as keyof typeof pushed] as string | undefined;
    return { name, tag_last_pushed: day ? `${day}T00:00:00Z` : null };
  });
  const path = "/v2/namespaces/acme/repositories/app/tags";
  let allowed = 0;
  let early = 0;
  const headers = () => {
    const limit = { "x-ratelimit-limit": "180", "x-ratelimit-remaining": "0" };
    const reset = Math.floor(Date.now() / 1000) + 1;
    allowed = reset * 1000;
    return { ...limit, "x-ratelimit-reset": String(reset) };
  };
  const hub = await startScriptedServer([
    {
      request: { method: "POST", path: "/v2/auth/token" },
      answer: { body: { access_token: "x" } },
    },
    {
      request: { method: "GET", path },
      answer: () => ({ headers: headers(), body: { count: names.length, results } }),
    },
    {
      request: { method: "DELETE", path: /./ },
      answer() {
        if (Date.now() < allowed) early += 1;
        return { status: 204, headers: headers() };
      },
    },
  ]);
  context.after(() => hub.close());
  const env = cleanEnvironment({
    PATH,
    DOCKERHUB_URL: hub.url.href,
    DOCKERHUB_USERNAME: "acme",
    DOCKERHUB_TOKEN: "dckr_pat_of_an_example",
    REPOSITORY: "acme/app",
    KEEP: "2",
    DELETE: "true",
  });
  cpSync(join(root, "examples/image-cleanup/cleanup.mts"), join(folder, "cleanup.mts"));
  const { stdout } = await run(process.execPath, ["cleanup.mts"], { cwd: folder, env });
  assert.equal(
    stdout,
    "deleted pr-old, pushed 2024-01-01\ndeleted pr-older, pushed 2023-01-01\n2 of 6 tags of acme/app that match ^(pr|sha)-\n",
  );
  assert.equal(early, 0);
});

test("the fixture for node:test passes", async () => {
  cpSync(join(root, "examples/test-fixture"), folder, { recursive: true });
  const { stdout } = await run(
    process.execPath,
    ["--test", "--test-reporter=tap", "node.test.mjs"],
    { cwd: folder, env: cleanEnvironment({ PATH }) },
  );
  assert.match(stdout, /# pass 3\n# fail 0/);
});

test("a script has a Docker Hub of its own, which ends with it", async () => {
  const script = join(root, "examples/shell/with-sandbox.sh");
  const environment = cleanEnvironment({
    PATH,
    WHARF: join(root, "dist/cli/bin.js"),
    // Of the real one, as a pipeline has them: they would come before what the script sets.
    DOCKERHUB_URL: "http://127.0.0.1:9/hub",
    DOCKERHUB_TOKEN: "dckr_pat_of_the_real_one",
    DOCKER_HUB_USER: "acme",
  });
  const command =
    '"$WHARF" copy --quiet hello alice/first:v1 && "$WHARF" tags alice/first && "$WHARF" hub repositories list alice --fields name && echo "$WHARF_SANDBOX" && exit 7';
  const ended = await run("sh", [script, "sh", "-c", command], { env: environment }).then(
    () => assert.fail("the command's status is the script's"),
    (error: { readonly code: number; readonly stdout: string }) => error,
  );
  assert.equal(ended.code, 7);
  const lines = ended.stdout.trim().split("\n");
  // What is private is seen by alice alone.
  assert.deepEqual(lines.slice(1, -1), ["v1", "NAME", "first", "site", "notes"]);
  const { url } = JSON.parse(lines.at(-1)!) as { url: string };
  await assert.rejects(fetch(url), "nothing listens there any more");

  const without = { ...environment, WHARF: join(folder, "no-wharf") };
  await assert.rejects(run("sh", [script, "true"], { env: without }), { code: 1 });
});
