/** Runs `wharf` as people do: a process, with its own home, and what it says. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "dist", "cli", "bin.js");

export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WharfOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

const home = mkdtempSync(join(tmpdir(), "wharf-home-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

/** An environment without the credentials and settings of whoever runs the tests. */
export const cleanEnvironment = (extra: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env.PATH ?? "",
  HOME: home,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_RUNTIME_DIR: join(home, "run"),
  NO_COLOR: "1",
  ...extra,
});

/** Starts `wharf`; the caller waits or ends it. */
export function spawnWharf(words: readonly string[], { cwd, environment }: WharfOptions = {}) {
  return spawn(process.execPath, [bin, ...words], {
    ...(cwd ? { cwd } : {}),
    env: cleanEnvironment(environment),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Runs `wharf` to its end. */
export async function wharf(words: readonly string[], options: WharfOptions = {}): Promise<Said> {
  const child = spawnWharf(words, options);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => stdout.push(data));
  child.stderr.on("data", (data: Buffer) => stderr.push(data));
  child.stdin.on("error", () => {}); // whoever does not read its input may end first
  child.stdin.end(options.stdin);
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    status,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** Runs `wharf` and insists that it succeeds. */
export async function wharfOk(words: readonly string[], options: WharfOptions = {}): Promise<Said> {
  const said = await wharf(words, options);
  if (said.status !== 0)
    throw new Error(
      `wharf ${words.join(" ")} ended with ${said.status}\n${said.stdout}${said.stderr}`,
    );
  return said;
}

/** A `wharf` that serves until it is closed: what it prints first, as JSON; rejects where it ends before. */
export async function serveWharf<Printed>(
  words: readonly string[],
  options: WharfOptions = {},
): Promise<Serving<Printed>> {
  const child = spawnWharf([...words, "--port", "0", "--json"], options);
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const printed = await new Promise<Printed>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (data: Buffer) => {
      said += data.toString();
      const end = said.indexOf("\n");
      if (end > 0) resolve(JSON.parse(said.slice(0, end)) as Printed);
    });
    child.on("close", (status) => reject(new Error(`the server ended with ${status}: ${stderr}`)));
  });
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  return { printed, child, close, stderr: () => stderr };
}

interface Serving<Printed> {
  readonly printed: Printed;
  readonly child: ReturnType<typeof spawnWharf>;
  close(): Promise<void>;
  stderr(): string;
}

/** `wharf registry serve` on a free port; resolves once it listens. */
export async function serveRegistry(folder: string, more: readonly string[] = []) {
  const words = ["registry", "serve", "--store", folder, ...more];
  const { printed, ...serving } = await serveWharf<{ url: string }>(words);
  return { ...serving, url: printed.url, host: new URL(printed.url).host };
}
