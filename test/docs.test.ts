/** The examples of README and docs run as they stand: what follows `<!-- run -->`, against a server of their own, with files from `<!-- file NAME -->`. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { commandsPage } from "../scripts/commands-page.ts";
import { errorsPage } from "../scripts/errors-page.ts";
import { startSandbox } from "../src/entrance/sandbox.ts";
import { startPagesHub } from "./hub/pages-hub.ts";
import { cleanEnvironment, root, serveRegistry } from "./wharf.ts";

/** Inside the project, so that `wharfinger/registry` means this package. */
mkdirSync(join(root, ".wharf"), { recursive: true });
const folder = mkdtempSync(join(root, ".wharf", "docs-"));
let server: Awaited<ReturnType<typeof serveRegistry>>;
let hub: Awaited<ReturnType<typeof startPagesHub>>;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
before(async () => {
  hub = await startPagesHub();
  sandbox = await startSandbox();
  const { urls } = sandbox;
  writeFileSync(
    join(folder, "sandbox.yaml"),
    `docker.io: { url: "${urls.registry}", hubUrl: "${urls.hub}", scoutUrl: "${urls.scout}" }\n`,
  );
  server = await serveRegistry(join(folder, "registry"), ["--seed"]);
});
after(async () => {
  await server.close();
  await hub.close();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = promisify(execFile);
/** The page about Docker Hub has an account there, others have one of the sandbox that `npm start` would start. */
const environmentOf = (page: string) => {
  if (page === "docs/hub.md")
    return cleanEnvironment({
      DOCKERHUB_URL: hub.url,
      DOCKERHUB_USERNAME: "jonsnow",
      DOCKERHUB_TOKEN: "dckr_pat_of_an_example",
      XDG_STATE_HOME: join(folder, "state"),
    });
  const somebody = { "README.md": "alice", "docs/scout.md": "erin" }[page];
  if (somebody !== undefined)
    return cleanEnvironment({
      WHARF_CONFIG: join(folder, "sandbox.yaml"),
      DOCKERHUB_USERNAME: somebody,
      DOCKERHUB_PASSWORD: `${somebody}-password`,
    });
  return cleanEnvironment();
};
const here = (text: string) =>
  text.replaceAll("localhost:5000", server.host.replace("127.0.0.1", "localhost"));

for (const page of ["README.md", ...globSync("docs/*.md").toSorted()])
  for (const [, name, language, body] of readFileSync(page, "utf8").matchAll(
    /<!-- (?:run|file (\S+)) -->\n\n```(\w+)\n(.*?)```/gs,
  ))
    if (name !== undefined)
      test(`${page}: ${name} is written`, () => writeFileSync(join(folder, name), here(body!)));
    else if (language === "console")
      for (const example of readExamples(body!)) runsAsShown(page, example);
    else
      test(`${page}: the ${language} example runs`, async () => {
        const file = join(folder, `example-${Date.now()}.ts`);
        writeFileSync(file, here(body!));
        await run(process.execPath, [file], { cwd: folder, env: environmentOf(page) });
      });

interface Example {
  readonly command: string;
  readonly shown: readonly string[];
}

function readExamples(body: string): Example[] {
  const examples: { command: string; shown: string[] }[] = [];
  for (const line of body.trimEnd().split("\n"))
    if (line.startsWith("$ ")) examples.push({ command: line.slice(2), shown: [] });
    else examples.at(-1)?.shown.push(line);
  return examples;
}

/** Lines shown below a command must be what it prints; `…` stands for anything. */
function runsAsShown(page: string, { command, shown }: Example): void {
  test(`${page}: ${command}`, async () => {
    const line = here(command).replaceAll(
      /(npx )?(?<![\w/.-])wharf (?=\w)/g,
      `"${process.execPath}" "${join(root, "dist/cli/bin.js")}" `,
    );
    const { stdout } = await run("sh", ["-c", line], { cwd: folder, env: environmentOf(page) });
    if (shown.length === 0) return;
    const pattern = shown.map((text) =>
      here(text)
        .split("…")
        .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        // Columns are as wide as the port of the day makes them.
        .map((part) => part.replaceAll(/(?<=\S) {2,}/g, " +"))
        .join(".*"),
    );
    assert.match(stdout.trimEnd(), new RegExp(`^${pattern.join("\n")}$`, "s"));
  });
}

test("docs/errors.md is what the table of errors says", () => {
  assert.equal(readFileSync("docs/errors.md", "utf8"), errorsPage());
});

test("docs/commands.md is what the commands say of themselves", async () => {
  assert.equal(readFileSync("docs/commands.md", "utf8"), await commandsPage());
});

test("links between pages lead somewhere", () => {
  for (const page of ["README.md", "AGENTS.md", "CONTRIBUTING.md", ...globSync("docs/*.md")])
    for (const [, target] of readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      assert.doesNotThrow(
        () => readFileSync(join(root, page, "..", target!)),
        `${page} links to ${target}`,
      );
});
