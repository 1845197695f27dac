/** The bar of one blob on stderr, as dxf shows it. */

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds between two drawings. */
const redraw = 100;
/** Characters of the bar where nobody says how wide the screen is. */
const narrow = 10;
/** Characters of a digest that the bar shows, its algorithm included. */
const labelLength = 8;

export class Bar {
  readonly #stream: Terminal;
  readonly #label: string;
  readonly #total: number;
  readonly #now: () => number;
  readonly #begun: number;
  #drawn: number;
  #done = 0;

  /** @param now milliseconds since some moment */
  constructor(
    stream: Terminal,
    digest: string,
    total: number,
    now: () => number = () => performance.now(),
  ) {
    this.#stream = stream;
    this.#label = digest.slice(0, labelLength);
    this.#total = total;
    this.#now = now;
    this.#begun = now();
    this.#drawn = this.#begun;
    this.#draw();
  }

  /** Says that `done` bytes are through. */
  update(done: number): void {
    this.#done = done;
    if (this.#now() - this.#drawn >= redraw) this.#draw();
  }

  /** Draws it as it is at last; what comes next stands below. */
  end(): void {
    this.#draw();
    this.#stream.write("\n");
  }

  #draw(): void {
    this.#drawn = this.#now();
    const [done, total] = [this.#done, this.#total];
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const seconds = (this.#drawn - this.#begun) / 1000;
    const rate = done > 0 && seconds > 0 ? done / seconds : undefined;
    const left = rate === undefined ? "?" : clock((total - done) / rate);
    const speed = rate === undefined ? "?" : rate.toFixed(2);
    const head = `${this.#label}: ${String(Math.floor(share * 100)).padStart(3)}%|`;
    const tail = `| ${done}/${total} [${clock(seconds)}<${left}, ${speed}B/s]`;
    const { isTTY, columns = 80 } = this.#stream;
    const width = isTTY ? Math.max(1, columns - 1 - head.length - tail.length) : narrow;
    this.#stream.write(`\r${head}${filled(share, width)}${tail}`);
  }
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function filled(share: number, width: number): string {
  const parts = Math.floor(share * width * 8);
  return ("█".repeat(parts >> 3) + eighths[parts & 7]!).padEnd(width);
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number: number) => String(number).padStart(2, "0");
  const minutes = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? minutes : `${Math.floor(whole / 3600)}:${minutes}`;
}
