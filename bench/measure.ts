/** Runs whole commands and takes what the operating system accounts for each: wall, CPU, peak memory. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";

export interface Contender {
  readonly name: string;
  /** Program and arguments; a fresh target each time where the work leaves something behind. */
  command(round: number): readonly string[];
  /** Undoes what a run left behind; not measured. */
  reset?(round: number): Promise<void> | void;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where standard output goes: some tools write a blob there. */
  readonly stdout?: string;
  readonly stdin?: string;
}

export interface Figures {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of user and system time together. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

export interface Measured {
  readonly name: string;
  readonly median: Figures;
  readonly runs: readonly Figures[];
  readonly failed?: string;
}

/** The absolute path of a program on PATH. */
export function which(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, program);
    if (folder && existsSync(path)) return path;
  }
  return undefined;
}

const time = "/usr/bin/time";

async function runOnce(contender: Contender, round: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "wharf-bench-"));
  try {
    const report = join(folder, "time");
    const [program, ...words] = contender.command(round);
    const pipes = `${contender.stdin ? ` < '${contender.stdin}'` : ""} > '${contender.stdout ?? "/dev/null"}'`;
    const timed = [time, "-q", "-o", report, "-f", "%e %U %S %M", program!, ...words];
    const line = `exec ${timed.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")}${pipes}`;
    const child = spawn("sh", ["-c", line], {
      env: { ...process.env, ...contender.environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
    const started = process.hrtime.bigint();
    const status = await new Promise((resolve) => child.on("close", resolve));
    const wall = Number(process.hrtime.bigint() - started) / 1e9;
    if (status !== 0) throw new Error(`${contender.name} ended with ${status}: ${said.trim()}`);
    const [, user, system, kibibytes] = readFileSync(report, "utf8").trim().split(" ").map(Number);
    return { wall, cpu: user! + system!, memory: kibibytes! * 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the contenders in turn, round by round, so that a slow moment of the machine hits all alike. */
export async function measure(
  contenders: readonly Contender[],
  { rounds, warmUp = 0 }: { rounds: number; warmUp?: number },
): Promise<Measured[]> {
  if (!existsSync(time)) throw new Error(`${time} is missing: apt-get install time`);
  const runs = new Map(contenders.map(({ name }) => [name, [] as Figures[]]));
  const failed = new Map<string, string>();
  for (let round = -warmUp; round < rounds; round += 1)
    for (const contender of contenders) {
      if (failed.has(contender.name)) continue;
      try {
        const figures = await runOnce(contender, round);
        if (round >= 0) runs.get(contender.name)!.push(figures);
      } catch (error) {
        failed.set(contender.name, (error as Error).message);
      }
      await contender.reset?.(round);
    }
  return contenders.map(({ name }) => {
    const all = runs.get(name)!;
    const reason = failed.get(name);
    const middle = {
      wall: median(all, "wall"),
      cpu: median(all, "cpu"),
      memory: median(all, "memory"),
    };
    return { name, median: middle, runs: all, ...(reason ? { failed: reason } : {}) };
  });
}

function median(runs: readonly Figures[], key: keyof Figures): number {
  const sorted = runs.map((run) => run[key]).toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
