/**
 * The Containerfile, carried out instruction by instruction in folders, since a test has no base image to build on. What needs the
 * network stands in: `npm ci` and `npm prune` leave the packages that they would.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { chmod, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { cleanEnvironment, root } from "./wharf.ts";

const run = promisify(execFile);

/** A stage of the build: its files are below `folder`. */
interface Stage {
  readonly folder: string;
  work: string;
  readonly said: Map<string, string>;
}

const instructions = readFileSync(join(root, "deploy/Containerfile"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => /^(\w+) (.*)$/.exec(line)!.slice(1) as [word: string, rest: string]);

let folder: string;
let final: Stage;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "wharf-deploy-"));
  // For the user that the container runs as.
  await chmod(folder, 0o755);
  final = await build();
});
after(() => rm(folder, { recursive: true, force: true }));

async function build(): Promise<Stage> {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [word, rest] of instructions) {
    if (word === "FROM") {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? "final";
      stage = { folder: join(folder, name), work: "/", said: new Map() };
      mkdirSync(stage.folder);
      stages.set(name, stage);
    } else if (word === "WORKDIR") {
      stage!.work = rest;
      mkdirSync(join(stage!.folder, rest), { recursive: true });
    } else if (word === "COPY") await copy(stage!, rest, stages);
    else if (word === "RUN") await perform(stage!, rest);
    else stage?.said.set(word, rest);
  }
  return stages.get("final")!;
}

async function copy(stage: Stage, rest: string, stages: ReadonlyMap<string, Stage>): Promise<void> {
  const words = rest.split(" ");
  const from = words[0]!.startsWith("--from=") ? words.shift()!.slice("--from=".length) : undefined;
  const target = join(stage.folder, posix.resolve(stage.work, words.pop()!));
  for (const source of words) {
    if (from !== undefined) {
      const path = join(stages.get(from)!.folder, source);
      const isFile = posix.extname(source) !== "" || source.endsWith("LICENSE");
      await cp(path, isFile ? join(target, posix.basename(source)) : target, {
        recursive: true,
        verbatimSymlinks: true,
      });
    } else
      for (const name of source === "." ? context() : [source])
        await cp(join(root, name), join(target, name), { recursive: true });
  }
}

/** What `.dockerignore` lets through. */
function context(): string[] {
  const lines = readFileSync(join(root, ".dockerignore"), "utf8").trim().split("\n");
  assert.equal(lines[0], "*");
  return lines.slice(1).flatMap((line) => globSync(line.slice(1), { cwd: root }));
}

async function perform(stage: Stage, command: string): Promise<void> {
  const cwd = join(stage.folder, stage.work);
  const packages = join(cwd, "node_modules");
  if (command.startsWith("npm ci")) return link(packages, () => true);
  if (command.startsWith("npm prune --omit=dev")) {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { dev?: boolean }>;
    };
    await rm(packages, { recursive: true });
    return link(packages, (name) => lock.packages[`node_modules/${name}`]?.dev !== true);
  }
  const here = command.replaceAll(/(?<= )\/(?=\w)/g, `${stage.folder}/`);
  const owned = process.getuid?.() === 0 ? here : here.replace(/ && chown .*/, "");
  const path = `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`;
  await run("sh", ["-ec", owned], { cwd, env: { ...cleanEnvironment(), PATH: path } });
}

function link(packages: string, isWanted: (name: string) => boolean): void {
  const names = globSync(["*", "@*/*"], { cwd: join(root, "node_modules") });
  const wanted = names.filter((name) => !/^@[^/]*$/.test(name) && isWanted(name));
  for (const name of [...wanted, ".bin"]) {
    mkdirSync(dirname(join(packages, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(packages, name));
  }
}

/** Where this machine lets it, as the user of the container, to whom nothing but /data belongs. */
const [user = 0] = (instructions.find(([word]) => word === "USER")?.[1] ?? "")
  .split(":")
  .map(Number);

const wordsOf = (text: string) =>
  (JSON.parse(text.slice(text.indexOf("["))) as string[]).map((word) =>
    word.startsWith("/app") || word.startsWith("/data") ? join(final.folder, word) : word,
  );

async function start() {
  const [, ...words] = wordsOf(final.said.get("ENTRYPOINT")!);
  const more = ["--host", "127.0.0.1", "--port", "0", "--json"];
  const child = spawn(process.execPath, [...words, ...more], {
    cwd: join(final.folder, "app"),
    env: { PATH: process.env["PATH"] },
    ...(process.getuid?.() === 0 && { uid: user, gid: user }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const [line] = (await Promise.race([
    once(child.stdout, "data"),
    closed.then(() => Promise.reject(new Error("it does not start"))),
  ])) as [Buffer];
  const { url, hubUrl, port } = JSON.parse(String(line)) as Record<string, string>;
  return {
    url,
    hubUrl,
    async healthy() {
      const [, ...check] = wordsOf(final.said.get("HEALTHCHECK")!);
      return run(
        process.execPath,
        check.map((word) => word.replace("5080", String(port))),
      ).then(
        () => true,
        () => false,
      );
    },
    async close() {
      child.kill("SIGTERM");
      return ((await closed) as [number | null])[0];
    },
  };
}

test("what the Containerfile makes runs as an ordinary user, is healthy, and keeps its data in the volume", async () => {
  assert.notEqual(user, 0);
  const first = await start();
  assert.equal(await first.healthy(), true);
  const opened = await fetch(`${first.hubUrl}/v2/auth/token`, {
    method: "POST",
    body: JSON.stringify({ identifier: "alice", secret: "alice-password" }),
  });
  const { access_token } = (await opened.json()) as { access_token: string };
  const authorization = `Bearer ${access_token}`;
  const body = JSON.stringify({ name: "kept" });
  const path = "/v2/namespaces/alice/repositories";
  const made = await fetch(first.hubUrl + path, {
    method: "POST",
    headers: { authorization },
    body,
  });
  assert.equal(made.status, 201);
  assert.equal(await first.close(), 0);
  assert.equal(await first.healthy(), false);
  const second = await start();
  assert.equal((await fetch(`${second.hubUrl}${path}/kept`)).status, 200);
  await second.close();
});

test("nothing is in it that only development needs", () => {
  const packages = globSync(["*", "@*/*"], { cwd: join(final.folder, "app/node_modules") });
  for (const name of ["typescript", "esbuild", "oxlint", "node"]) assert(!packages.includes(name));
  for (const name of ["jose", "zod", "pkijs"]) assert(packages.includes(name));
  assert.equal(globSync("app/{src,test,scripts}", { cwd: final.folder }).length, 0);
});

test("compose publishes the port on this machine alone, and the volume that the image has", async () => {
  const { parse } = await import("yaml");
  const { services, volumes } = parse(readFileSync(join(root, "deploy/compose.yaml"), "utf8")) as {
    services: { hub: Record<string, unknown> };
    volumes: Record<string, unknown>;
  };
  const port = final.said.get("EXPOSE");
  assert.deepEqual(services.hub["ports"], [`127.0.0.1:${port}:${port}`]);
  assert.deepEqual(services.hub["volumes"], [`data:${final.said.get("VOLUME")}`]);
  assert("data" in volumes);
  assert.equal(services.hub["read_only"], true);
});
