/** Progress on stderr: bars with rate and time left on a terminal, a plain line now and then elsewhere. */
import { cut, formatBytes, formatDuration, printable, shortDigest } from "./format.ts";
import type { Output } from "./output.ts";
import { Rate } from "./rate.ts";

interface Part {
  readonly label: string;
  readonly total: number | undefined;
  done: number;
}

/** How often a terminal is redrawn, and how often a log gets a line, in milliseconds. */
const redraw = 100;
const logEvery = 5_000;
/** More bars than this scroll away; the rest is summed up in the last line. */
const mostBars = 6;
/** Wider bars are no easier to read. */
const widest = 100;

/** Shows how far the parts of a transfer are. */
export class Progress {
  /** Said before the bytes: `12 of 40 images`. */
  lead: (() => string) | undefined;
  readonly #output: Output;
  readonly #now: () => number;
  readonly #rate: Rate;
  readonly #parts = new Map<string, Part>();
  readonly #waiting = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #finished = 0;
  /** The last line of a log: it is not said twice. */
  #said = "";
  #lines = 0;

  /** @param now milliseconds since some moment */
  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
    this.#rate = new Rate(now());
    this.#timer = setInterval(() => this.show(), output.redraws ? redraw : logEvery);
    this.#timer.unref();
    output.overlay = this;
  }

  /**
   * Says that a part will come: it counts in the sum, and gets a bar when its bytes flow.
   * @param name a digest, or what else the part is called
   */
  expect(name: string, total: number | undefined): void {
    if (!this.#waiting.has(name) && !this.#parts.has(name)) this.#waiting.set(name, total ?? 0);
  }

  /** Says that `done` bytes of a part are through. */
  update(name: string, done: number, total?: number): void {
    const part = this.#parts.get(name);
    this.#waiting.delete(name);
    if (part) part.done = done;
    else this.#parts.set(name, { label: labelOf(name), total, done });
  }

  /** The part is through, or was not needed. */
  finish(name: string): void {
    const part = this.#parts.get(name);
    this.#waiting.delete(name);
    if (!part) return; // not needed: the target had it
    this.#finished += part.total ?? part.done;
    this.#parts.delete(name);
  }

  /** Bytes that are through, and bytes in all as far as they are known. */
  get sum(): { readonly through: number; readonly all: number } {
    let through = this.#finished;
    let all = this.#finished;
    for (const { total, done } of this.#parts.values()) {
      through += done;
      all += total ?? done;
    }
    for (const total of this.#waiting.values()) all += total;
    return { through, all };
  }

  /** Draws the bars again, or writes a line. */
  show(): void {
    const { through, all } = this.sum;
    const lead = this.lead?.();
    if (through === 0 && lead === undefined) return;
    const perSecond = this.#rate.at(this.#now(), through);
    const left =
      all > through && perSecond > 0
        ? `, ${formatDuration(((all - through) / perSecond) * 1000)} left`
        : "";
    const bytes = `${formatBytes(through)} of ${formatBytes(all)} at ${formatBytes(Math.round(perSecond))}/s${left}`;
    const sum = [lead, through > 0 && bytes].filter(Boolean).join("; ");
    if (this.#output.redraws) this.#draw(sum);
    else if (sum !== this.#said) this.#output.note((this.#said = sum));
  }

  /** Takes the bars off the screen. */
  clear(): void {
    if (this.#lines > 0) this.#output.stderr.write(`\u001b[${this.#lines}A\u001b[0J`);
    this.#lines = 0;
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#timer);
    this.clear();
    if (this.#output.overlay === this) this.#output.overlay = undefined;
  }

  /** Writes over the lines that stand there, all at once, so that nothing flickers. */
  #draw(sum: string): void {
    const columns = Math.min(this.#output.stderr.columns || 80, widest);
    const parts = [...this.#parts.values()];
    const bars = parts.slice(0, mostBars).map((part) => bar(part, columns - 1));
    if (parts.length > mostBars) bars.push(`and ${parts.length - mostBars} more`);
    const lines = [...bars, sum].map((line) => line.slice(0, columns - 1));
    const up = this.#lines > 0 ? `\u001b[${this.#lines}A` : "";
    this.#output.stderr.write(`${up}${lines.map((line) => `${line}\u001b[K\n`).join("")}\u001b[0J`);
    this.#lines = lines.length;
  }
}

const labelOf = (name: string) =>
  /^sha\d+:/.test(name) ? shortDigest(name) : printable(cut(name, 24));

function bar({ label, total, done }: Part, columns: number): string {
  if (total === undefined || total === 0) return `${label}  ${formatBytes(done)}`;
  const share = Math.min(1, done / total);
  const numbers = `${String(Math.floor(share * 100)).padStart(3)}% of ${formatBytes(total).padStart(10)}`;
  const room = Math.max(10, columns - label.length - numbers.length - 4);
  const filled = Math.round(share * room);
  return `${label} [${"=".repeat(filled)}${" ".repeat(room - filled)}] ${numbers}`;
}
