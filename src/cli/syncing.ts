/** The work behind `wharf sync`: reads the file, runs it, shows what becomes of it. */
import { dirname } from "node:path";

import { configError } from "../config/fields.ts";
import { isError, WharfError } from "../errors.ts";
import { nameOf, type SyncFile } from "../sync/entry.ts";
import type { SyncEvent } from "../sync/event.ts";
import { readText } from "../sync/file.ts";
import { run, type SyncOptions } from "../sync/run.ts";
import type { PullReport } from "../sync/budgets.ts";
import { Tally } from "../sync/tally.ts";
import type { PullWait } from "../transfer/budget.ts";
import type { Call } from "./call.ts";
import { drawBlob } from "./copying.ts";
import { count, formatDuration, printable } from "./format.ts";
import { readInput } from "./input.ts";
import type { Progress } from "./progress.ts";
import { confirm } from "./prompt.ts";
import { changeLine, headline, planLine, pullLine, summaryTable } from "./sync-screen.ts";

export type SyncWish = Pick<SyncOptions, "dryRun" | "failFast" | "jobs" | "missing" | "pulls"> & {
  readonly yes: boolean;
};

/** Bytes of a sync file. */
const limit = 4 << 20;

/**
 * @param path `-` is standard input
 * @throws WharfError CONFIG_INVALID, FILE_NOT_FOUND
 */
export async function readSyncFile(call: Pick<Call, "stdin" | "signal">, path: string) {
  const text = await readYamlFile(call, path);
  return readText(text, { name: nameOfFile(path), folder: path === "-" ? "" : dirname(path) });
}

/** @throws WharfError CONFIG_INVALID, FILE_NOT_FOUND, FILE_FAILED */
export async function readYamlFile(call: Pick<Call, "stdin" | "signal">, path: string) {
  try {
    return Buffer.from(await readInput(call, path, limit)).toString();
  } catch (error) {
    const folder = (error as NodeJS.ErrnoException).code === "EISDIR";
    if (folder) throw new WharfError("FILE_FAILED", `${path} is a folder, not a file`);
    if (!isError(error, "MANIFEST_TOO_LARGE")) throw error;
    throw configError(nameOfFile(path), `has more than ${limit} bytes`, "Is it the right file?");
  }
}

/** What a file is called in messages. */
export const nameOfFile = (path: string): string => (path === "-" ? "standard input" : path);

/** Failures that are listed for people. */
const shownFailures = 20;

/** Runs a file once. @returns the exit status */
export async function syncOnce(call: Call, file: SyncFile, wish: SyncWish): Promise<number> {
  const { signal } = call;
  const started = performance.now();
  const progress = await call.progress();
  const view = new View(call, file, wish, progress);
  let pulls: readonly PullReport[] = [];
  try {
    ({ pulls } = await run(file, {
      ...wish,
      signal,
      pulls: { ...wish.pulls, onWait: (registry, wait) => view.wait(registry, wait) },
      registry: (host) => call.registry(host),
      onEvent: (event) => view.show(event),
      ...(progress && !wish.dryRun && { onCopy: (event) => drawBlob(progress, event) }),
      confirmPrune: (tags) => view.confirm(tags),
    }));
  } catch (error) {
    view.stop();
    if (!isError(error, "INTERRUPTED")) throw error;
    await view.summary(started, pulls);
    throw view.interrupted(error);
  }
  view.stop();
  await view.summary(started, pulls);
  return view.finish();
}

/** What a person, or a program, sees of a run. */
class View {
  readonly #progress: Progress | undefined;
  readonly #call: Call;
  readonly #file: SyncFile;
  readonly #wish: SyncWish;
  readonly #tally: Tally;
  #selected = 0;
  #refusal: WharfError | undefined;

  constructor(call: Call, file: SyncFile, wish: SyncWish, progress: Progress | undefined) {
    this.#call = call;
    this.#file = file;
    this.#wish = wish;
    this.#tally = new Tally(file.entries.length, { dryRun: wish.dryRun ?? false });
    this.#progress = progress;
    if (progress) progress.lead = () => this.#howFar();
  }

  show(event: SyncEvent): void {
    const { output } = this.#call;
    this.#tally.count(event);
    if (event.type === "repository" && event.state === "begun") this.#selected += event.selected;
    if (output.json) return void output.item(event);
    if (event.type === "note") return output.note(`${event.target}: ${event.message}`);
    const line = this.#wish.dryRun ? planLine(event) : changeLine(event);
    if (line !== undefined) void output.line(line);
  }

  stop(): void {
    this.#progress?.stop();
  }

  /** Insists on a yes before tags go; a no ends the call, but only when all that was done has been told. */
  async confirm(tags: readonly string[]): Promise<boolean> {
    this.stop();
    const names = tags.length > 5 ? [...tags.slice(0, 5), `${tags.length - 5} more`] : tags;
    try {
      const question = `Delete ${count(tags.length, "tag")} that the source lacks: ${names.map(printable).join(", ")}?`;
      await confirm(this.#call, question, this.#wish.yes);
      return true;
    } catch (error) {
      if (!isError(error)) throw error;
      this.#refusal = error;
      return false;
    }
  }

  wait(registry: string, { limit, next, left }: PullWait): void {
    const { output } = this.#call;
    const { remaining } = limit;
    if (output.json) return void output.item({ type: "pulls", registry, ...limit, wait: next });
    output.note(
      `${registry}: ${remaining} of ${limit.limit} pulls are left; asking again in ${formatDuration(next)}, for ${formatDuration(left)} at most`,
    );
  }

  async summary(started: number, pulls: readonly PullReport[]): Promise<void> {
    const { output } = this.#call;
    const { entries, totals } = this.#tally;
    const rows = this.#file.entries.map((entry, i) => ({
      target: nameOf(entry.target, entry.type === "image" && entry.tag ? { tag: entry.tag } : {}),
      counts: entries[i]!,
    }));
    if (output.json) {
      const list = rows.map(({ target, counts }) => ({ target, ...counts }));
      const taken = pulls.map(({ registry, pulls: count, limit }) => ({
        registry,
        ...count,
        ...limit,
      }));
      const dryRun = this.#wish.dryRun ?? false;
      return output.item({ type: "done", dryRun, totals, entries: list, pulls: taken });
    }
    const head = headline(totals, this.#wish.dryRun ?? false);
    for (const line of summaryTable(rows, totals, {
      columns: output.columns,
      dryRun: this.#wish.dryRun ?? false,
    }))
      await output.line(line);
    const took = formatDuration(performance.now() - started);
    for (const report of pulls) output.note(pullLine(report, totals, this.#wish.dryRun ?? false));
    output.note(head === undefined ? `Took ${took}` : `${head}, ${took}`);
  }

  /** Tells what failed. @returns the exit status */
  finish(): number {
    const { output } = this.#call;
    const { failures, totals } = this.#tally;
    if (totals.failed > 0 && !output.json) {
      const mark = output.style("red", "wharf:", "stderr");
      output.say(`${mark} ${count(totals.failed, "failure")}; what else there was is done`);
      for (const { target, error, left } of failures.slice(0, shownFailures)) {
        output.say(printable(`       ${target}: ${error.message}`));
        if (left > 1) output.say(`         so ${count(left, "image")} there were not tried`);
        output.say(printable(`         ${error.hint}`));
      }
      if (failures.length > shownFailures)
        output.say(`       and ${failures.length - shownFailures} more; --json has them all`);
    }
    if (this.#refusal) throw this.#refusal;
    return totals.failed > 0 ? 1 : 0;
  }

  interrupted(error: WharfError): WharfError {
    return new WharfError("INTERRUPTED", `Interrupted after ${this.#howFar()}`, {
      hint: "Run the same again: what is there is only compared.",
      cause: error,
    });
  }

  #howFar(): string {
    const { images } = this.#tally.totals;
    if (this.#selected === 0) return count(images, "image");
    return `${images} of ${count(Math.max(images, this.#selected), "image")}`;
  }
}
