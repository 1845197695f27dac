/** Which bytes of a file are there. */

/** From the first byte to before the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans that neither touch nor overlap, in order. */
export class Ranges {
  #spans: Span[] = [];

  constructor(spans: Iterable<Span> = []) {
    for (const span of spans) this.add(span);
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** Bytes that are there without a gap from the beginning. */
  get prefix(): number {
    const first = this.#spans[0];
    return first?.start === 0 ? first.end : 0;
  }

  /** Bytes that are there in all. */
  get total(): number {
    return this.#spans.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  add({ start, end }: Span): void {
    if (end <= start) return;
    const before = this.#spans.filter((span) => span.end < start);
    const after = this.#spans.filter((span) => span.start > end);
    const touched = this.#spans.slice(before.length, this.#spans.length - after.length);
    const merged = {
      start: Math.min(start, touched[0]?.start ?? start),
      end: Math.max(end, touched.at(-1)?.end ?? end),
    };
    this.#spans = [...before, merged, ...after];
  }

  /** What is missing of `size` bytes. */
  gaps(size: number): Span[] {
    const gaps: Span[] = [];
    let position = 0;
    for (const { start, end } of this.#spans) {
      if (start > position) gaps.push({ start: position, end: start });
      position = end;
    }
    if (position < size) gaps.push({ start: position, end: size });
    return gaps;
  }
}
