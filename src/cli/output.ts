/** Where words go: data to stdout, notes to stderr, JSON where it was asked for. */
import { once } from "node:events";
import { printable } from "./format.ts";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly stdout?: NodeJS.WriteStream;
  readonly stderr?: NodeJS.WriteStream;
  readonly environment?: NodeJS.ProcessEnv;
}

export type Style = "bold" | "dim" | "red" | "yellow";
const codes: Record<Style, readonly [on: number, off: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
};

/** Characters that are gathered before they are written. */
const gather = 32_768;

/** For what was gathered only: nobody needs to wait. */
const later = Promise.resolve();

/** What is redrawn below the notes, such as bars. */
export interface Overlay {
  /** Takes it off the screen until it is drawn again. */
  clear(): void;
}

export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Is cleared before anything else is written to the terminal. */
  overlay: Overlay | undefined;
  readonly #environment: NodeJS.ProcessEnv;
  #gathered = "";
  #flushing: NodeJS.Immediate | undefined;

  constructor({
    json,
    quiet,
    stdout = process.stdout,
    stderr = process.stderr,
    environment = process.env,
  }: OutputOptions) {
    this.json = json;
    this.quiet = quiet;
    this.stdout = stdout;
    this.stderr = stderr;
    this.#environment = environment;
  }

  /** Whether lines on stderr can be drawn again. */
  get redraws(): boolean {
    return this.stderr.isTTY === true && this.#environment.TERM !== "dumb";
  }

  /** Characters of a line on stdout; 80 where nobody says. */
  get columns(): number {
    return this.stdout.columns || 80;
  }

  /** One line of data. */
  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** Bytes of data as they are; waits while the reader is slow, so that nothing piles up. */
  write(data: string | Uint8Array): Promise<void> {
    if (typeof data !== "string" || data.length >= gather) return this.#writeNow(data);
    // Ten thousand short lines are some writes, not ten thousand, nor as many promises.
    this.#gathered += data;
    if (this.#gathered.length >= gather) return this.flush();
    this.#flushing ??= setImmediate(() => void this.flush());
    return later;
  }

  async #writeNow(data: string | Uint8Array): Promise<void> {
    await this.flush();
    await this.#send(data);
  }

  /** Writes what was gathered. */
  async flush(): Promise<void> {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const data = this.#gathered;
    this.#gathered = "";
    if (data) await this.#send(data);
  }

  async #send(data: string | Uint8Array): Promise<void> {
    // Nobody reads any more; whoever listens to the stream's errors has decided that we go on.
    if (this.stdout.destroyed) return;
    if (this.stdout.isTTY) this.overlay?.clear();
    if (this.stdout.write(data)) return;
    await once(this.stdout, "drain").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    });
  }

  /** The whole result as one JSON value. */
  value(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value, undefined, 2));
  }

  /** One item of a stream as a line of JSON. */
  item(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value));
  }

  /** Something worth knowing that is not data. */
  note(text: string): void {
    if (!this.quiet) this.say(printable(text));
  }

  /** Shown even where notes are not wanted. */
  warn(text: string): void {
    this.say(`${this.style("yellow", "warning:", "stderr")} ${printable(text)}`);
  }

  /** A line on stderr, as it is. */
  say(text: string): void {
    // On a terminal both streams are one: what was printed first shall stand first.
    void this.flush();
    this.overlay?.clear();
    this.stderr.write(`${text}\n`);
  }

  /** Sets off a text that has no control characters of others in it. */
  style(style: Style, text: string, stream: "stdout" | "stderr" = "stdout"): string {
    if (!hasColours(this[stream], this.#environment)) return text;
    const [on, off] = codes[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}

/** Only on a terminal, unless the environment says otherwise (no-color.org, force-color.org). */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv,
): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return !["0", "false"].includes(FORCE_COLOR);
  return stream.isTTY === true && TERM !== "dumb";
}
