/** Progress on stderr: bars with rate and time left on a terminal, a plain line now and then elsewhere. */
import { formatBytes, formatDuration, shortDigest } from "./format.ts";
import type { Output } from "./output.ts";

interface Part {
  readonly label: string;
  readonly total: number | undefined;
  done: number;
}

/** How often a terminal is redrawn, and how often a log gets a line, in milliseconds. */
const redraw = 100;
const logEvery = 10_000;
/** More bars than this scroll away; the rest is summed up in the last line. */
const mostBars = 6;

/** Shows how far the parts of a transfer are. Without a terminal it stays silent for the first ten seconds. */
export class Progress {
  readonly #output: Output;
  readonly #terminal: boolean;
  readonly #parts = new Map<string, Part>();
  readonly #waiting = new Map<string, number>();
  readonly #started = performance.now();
  #finished = 0;
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output) {
    this.#output = output;
    this.#terminal = output.stderr.isTTY === true;
    if (output.quiet || output.json) return;
    this.#timer = setInterval(() => this.#show(), this.#terminal ? redraw : logEvery);
    this.#timer.unref();
  }

  /** Says that a part will come: it counts in the sum, and gets a bar when its bytes flow. */
  expect(digest: string, total: number | undefined): void {
    if (!this.#waiting.has(digest) && !this.#parts.has(digest))
      this.#waiting.set(digest, total ?? 0);
  }

  /** Says that `done` bytes of a part are through. */
  update(digest: string, done: number, total?: number): void {
    const part = this.#parts.get(digest);
    this.#waiting.delete(digest);
    if (part) part.done = done;
    else this.#parts.set(digest, { label: shortDigest(digest), total, done });
  }

  /** The part is through, or was not needed. */
  finish(digest: string): void {
    const part = this.#parts.get(digest);
    this.#waiting.delete(digest);
    if (!part) return; // not needed: the target had it
    this.#finished += part.total ?? part.done;
    this.#parts.delete(digest);
  }

  /** A lasting line above the bars. */
  note(text: string): void {
    this.#clear();
    this.#output.note(text);
  }

  /** Takes the bars away. */
  stop(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #show(): void {
    const parts = [...this.#parts.values()];
    const through = parts.reduce((sum, { done }) => sum + done, this.#finished);
    const flowing = parts.reduce((sum, { total, done }) => sum + (total ?? done), this.#finished);
    const all = [...this.#waiting.values()].reduce((sum, total) => sum + total, flowing);
    if (through === 0) return;
    const elapsed = performance.now() - this.#started;
    const rate = through / (elapsed / 1000);
    const left = all > through ? `, ${formatDuration(((all - through) / rate) * 1000)} left` : "";
    const sum = `${formatBytes(through)} of ${formatBytes(all)} at ${formatBytes(rate)}/s${left}`;
    if (!this.#terminal) return this.#output.note(sum);

    this.#clear();
    const columns = Math.min(this.#output.stderr.columns ?? 80, 100);
    const bars = parts.slice(0, mostBars).map((part) => bar(part, columns));
    if (parts.length > mostBars) bars.push(`and ${parts.length - mostBars} more`);
    const lines = [...bars, sum].map((line) => line.slice(0, columns - 1));
    this.#output.stderr.write(`${lines.join("\n")}\n`);
    this.#lines = lines.length;
  }

  #clear(): void {
    if (this.#lines > 0) this.#output.stderr.write(`\u001b[${this.#lines}A\u001b[0J`);
    this.#lines = 0;
  }
}

function bar({ label, total, done }: Part, columns: number): string {
  if (total === undefined || total === 0) return `${label}  ${formatBytes(done)}`;
  const share = Math.min(1, done / total);
  const numbers = `${String(Math.floor(share * 100)).padStart(3)}% of ${formatBytes(total).padStart(9)}`;
  const room = Math.max(10, columns - label.length - numbers.length - 6);
  const filled = Math.round(share * room);
  return `${label} [${"=".repeat(filled)}${" ".repeat(room - filled)}] ${numbers}`;
}
