/** python-dxf's command and ours, called alike. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";

import { tool } from "../tools.ts";
import { cleanEnvironment, spawnWharf } from "../wharf.ts";

/** For `skip` of tests that need it. */
export const pythonDxf = tool("dxf", "pip install python-dxf");

export interface Outcome {
  readonly status: number | null;
  /** One character a byte. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

export interface Program {
  run(words: readonly string[], options?: RunOptions): Promise<Outcome>;
}

/** `wharf dxf`. */
export const wharfDxf: Program = {
  async run(words, { stdin, ...options } = {}) {
    const child = spawnWharf(["dxf", ...words], options);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => stdout.push(data));
    child.stderr.on("data", (data: Buffer) => stderr.push(data));
    child.stdin.on("error", () => {}); // who does not read its input may end first
    child.stdin.end(stdin);
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return {
      status,
      stdout: Buffer.concat(stdout).toString("latin1"),
      stderr: Buffer.concat(stderr).toString(),
    };
  },
};

/** python-dxf, in one interpreter that is forked for each call. */
export async function startPythonDxf(cwd: string): Promise<Program & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "python-dxf-"));
  const script = join(import.meta.dirname, "python-dxf.py");
  // Unbuffered: else it writes the lines that DXF_BLOB_INFO asks for behind the blobs.
  const child = spawn(interpreter(), ["-u", script], {
    cwd,
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const requests = child.stdio[3] as Writable;
  const answers = createInterface(child.stdout!)[Symbol.asyncIterator]();
  let turn: Promise<unknown> = Promise.resolve();

  async function call(words: readonly string[], options: RunOptions): Promise<Outcome> {
    const names = ["stdin", "stdout", "stderr"] as const;
    const files = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
    await Promise.all(
      names.map((name) => writeFile(files[name]!, name === "stdin" ? (options.stdin ?? "") : "")),
    );
    const environment = cleanEnvironment(options.environment);
    requests.write(`${JSON.stringify({ words, environment, ...files })}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error("python-dxf has ended");
    return {
      status: Number(value),
      stdout: await readFile(files.stdout!, "latin1"),
      stderr: await readFile(files.stderr!, "utf8"),
    };
  }

  return {
    run(words, options = {}) {
      const outcome = turn.then(() => call(words, options));
      turn = outcome.catch(() => {});
      return outcome;
    },
    async close() {
      const ended = once(child, "close");
      requests.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The interpreter that the command `dxf` runs under: it has the module. */
function interpreter(): string {
  const folder = (process.env.PATH ?? "").split(delimiter).find((name) => {
    try {
      accessSync(join(name, "dxf"));
      return true;
    } catch {
      return false;
    }
  });
  const [first = ""] = readFileSync(join(folder ?? "", "dxf"), "utf8").split("\n");
  return /^#!\s*(\/\S*python\S*)$/.exec(first)?.[1] ?? "python3";
}
