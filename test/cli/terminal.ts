/** `wharf` on a terminal of its own, by script(1) of util-linux. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import { tool } from "../tools.ts";
import { cleanEnvironment, root } from "../wharf.ts";

export const terminal = tool("script", "apt-get install bsdutils");

export interface Step {
  /** What has to be on the screen first. */
  readonly after: RegExp;
  /** What is typed then; \x03 is Ctrl-C. */
  readonly type: string;
}

export interface Screen {
  readonly status: number | null;
  /** All that was written, control sequences included, newlines as programs write them. */
  readonly text: string;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  /** A shell command in place of `wharf WORDS`, where `wharf` stands for it. */
  readonly shell?: string;
}

/** Runs `wharf` to its end, typing what the steps say. */
export function onTerminal(
  words: readonly string[],
  { columns = 80, environment = {}, steps = [], shell }: TerminalOptions = {},
): Promise<Screen> {
  const wharf = [process.execPath, join(root, "dist", "cli", "bin.js")].map(quoted).join(" ");
  const line = shell
    ? shell.replaceAll(/\bwharf\b/g, wharf)
    : `exec ${wharf} ${words.map(quoted).join(" ")}`;
  const child = spawn("script", ["-qec", `stty cols ${columns} rows 24; ${line}`, "/dev/null"], {
    env: cleanEnvironment({ NO_COLOR: "", TERM: "xterm", ...environment }),
  });
  let text = "";
  let seen = 0;
  const left = [...steps];
  child.stdout.on("data", (data: Buffer) => {
    text += data.toString();
    const [step] = left;
    const found = step?.after.exec(text.slice(seen));
    if (!step || !found) return;
    left.shift();
    seen = text.length;
    child.stdin.write(step.type);
  });
  child.stdin.on("error", () => {}); // what is typed too late
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      child.stdin.destroy();
      resolve({ status, text: text.replaceAll(/\r+\n/g, "\n") });
    });
  });
}

/** What remains on the screen of a text that only colours. */
export const plain = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- they are what is to be taken away
  text.replaceAll(/\u001b\[[0-9;]*m/g, "");

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
