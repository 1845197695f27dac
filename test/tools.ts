/** Programs of others that tests run, where they are installed. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { cleanEnvironment } from "./wharf.ts";

export interface Tool {
  /**
   * Why tests that need the program are left out; false where it is there. With `WHARF_TEST_NO_SKIP=1` it is always false,
   * so that a missing program makes its tests fail.
   */
  readonly skip: string | false;
  /**
   * Runs the program to its end, with a home of its own.
   * @returns what it wrote to its standard output
   * @throws Error with all that it said, where its status is not 0
   */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Milliseconds after which it is killed. @default 120000 */
  readonly timeout?: number;
  /** Statuses that are no failure. @default [0] */
  readonly statuses?: readonly number[];
}

/** @param howToGet a command or sentence for whoever reads why a test was skipped */
export function tool(name: string, howToGet: string): Tool {
  const missing = isOnPath(name) ? false : `${name} is not on PATH: ${howToGet}`;
  return {
    skip: process.env.WHARF_TEST_NO_SKIP === "1" ? false : missing,
    run(args, options) {
      if (missing !== false) return Promise.reject(new Error(missing));
      return run(name, args, options);
    },
  };
}

/** The first reason to skip among several tools. */
export function skipWithout(...tools: readonly Pick<Tool, "skip">[]): string | false {
  return tools.find(({ skip }) => skip !== false)?.skip ?? false;
}

/** Whether there is such a program on `PATH` now. */
export function isOnPath(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(
  name: string,
  args: readonly string[],
  { cwd, environment, stdin, timeout = 120_000, statuses = [0] }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, {
      ...(cwd !== undefined && { cwd }),
      env: cleanEnvironment(environment),
      timeout,
      killSignal: "SIGKILL",
    });
    const stdout: Buffer[] = [];
    const all: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => (stdout.push(data), all.push(data)));
    child.stderr.on("data", (data: Buffer) => all.push(data));
    child.stdin.on("error", () => {}); // whoever does not read its input may end first
    child.stdin.end(stdin);
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status !== null && statuses.includes(status)) resolve(Buffer.concat(stdout).toString());
      else {
        const end = signal === null ? `status ${status}` : signal;
        const said = Buffer.concat(all).toString().slice(-4000);
        reject(new Error(`${name} ${args.join(" ")}: ${end}\n${said}`));
      }
    });
  });
}
