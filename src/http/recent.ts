/** What is made when it is asked for and kept while it is used: bounded in a process that runs for months. */

/** Values by name. Above the limit, the one that was not asked for longest is forgotten. */
export class Recent<Value> {
  readonly #limit: number;
  readonly #spared: (value: Value) => boolean;
  readonly #values = new Map<string, Value>();

  /** @param spared whether a value must be kept for now, limit or not */
  constructor(limit: number, spared: (value: Value) => boolean = () => false) {
    this.#limit = limit;
    this.#spared = spared;
  }

  get(name: string, make: () => Value): Value {
    const value = this.#values.get(name) ?? make();
    // Set anew, it stands at the end: the first is the one not used for longest.
    this.#values.delete(name);
    if (this.#values.size >= this.#limit) this.#forgetOne();
    this.#values.set(name, value);
    return value;
  }

  values(): Iterable<Value> {
    return this.#values.values();
  }

  #forgetOne(): void {
    for (const [name, value] of this.#values) {
      if (this.#spared(value)) continue;
      this.#values.delete(name);
      return;
    }
  }
}
