/** Where words go: data to stdout, notes to stderr, JSON where it was asked for. */
import { once } from "node:events";
import { formatTable, printable, type Column } from "./format.ts";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly stdout?: NodeJS.WriteStream;
  readonly stderr?: NodeJS.WriteStream;
  readonly environment?: NodeJS.ProcessEnv;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
const codes: Record<Style, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Characters that are gathered before they are written. */
const gather = 32_768;

export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  #gathered = "";
  #flushing: NodeJS.Immediate | undefined;
  readonly #colours: { readonly stdout: boolean; readonly stderr: boolean };

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
    const wanted = environment.NO_COLOR ? false : environment.FORCE_COLOR ? true : undefined;
    this.#colours = {
      stdout: wanted ?? stdout.isTTY === true,
      stderr: wanted ?? stderr.isTTY === true,
    };
  }

  /** One line of data. */
  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** Bytes of data as they are; waits while the reader is slow, so that nothing piles up. */
  async write(data: string | Uint8Array): Promise<void> {
    if (typeof data === "string" && data.length < gather) {
      // Ten thousand short lines are some writes, not ten thousand.
      this.#gathered += data;
      if (this.#gathered.length < gather) {
        this.#flushing ??= setImmediate(() => void this.flush());
        return;
      }
      return this.flush();
    }
    await this.flush();
    if (!this.stdout.write(data)) await once(this.stdout, "drain");
  }

  /** Writes what was gathered. */
  async flush(): Promise<void> {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const data = this.#gathered;
    this.#gathered = "";
    if (data && !this.stdout.write(data)) await once(this.stdout, "drain");
  }

  /** The whole result as one JSON value. */
  value(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value, undefined, 2));
  }

  /** One item of a stream as a line of JSON. */
  item(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value));
  }

  async table(columns: readonly Column[], rows: readonly (readonly string[])[]): Promise<void> {
    const [head = "", ...lines] = formatTable(columns, rows);
    await this.line([this.style("bold", head), ...lines].join("\n"));
  }

  /** Something worth knowing that is not data. */
  note(text: string): void {
    if (!this.quiet) this.stderr.write(`${printable(text)}\n`);
  }

  /** Shown even where notes are not wanted. */
  warn(text: string): void {
    this.stderr.write(`${this.style("yellow", "warning:", "stderr")} ${printable(text)}\n`);
  }

  style(style: Style, text: string, stream: "stdout" | "stderr" = "stdout"): string {
    if (!this.#colours[stream]) return text;
    const [on, off] = codes[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}
