/**
 * The part of Go's templates that regsync's files use for names: fields of the entry, environment variables, and pieces
 * of texts. Source: Go, "text/template"; regclient's documentation of its template functions.
 */
import { WharfError } from "../../errors.ts";

type Value = string | number | readonly string[];

/** What a template may refer to, `.Sync.Source` as `Sync.Source`. */
export type Fields = Readonly<Record<string, string | undefined>>;

/**
 * Fills in a template. What stands for an environment variable becomes `${NAME}`.
 * @throws WharfError UNSUPPORTED for what is not known here
 */
export function fillIn(template: string, fields: Fields): string {
  return template.replaceAll(/\{\{-?\s*(.*?)\s*-?\}\}/gs, (whole, inner: string) => {
    const words = inner.match(/"(?:[^"\\]|\\.)*"|`[^`]*`|[()|]|[^\s()|]+/g) ?? [];
    const reader = new Reader(words, fields, whole);
    const value = reader.pipeline();
    if (!reader.done) reader.fail();
    return String(value);
  });
}

class Reader {
  readonly #words: readonly string[];
  readonly #fields: Fields;
  readonly #whole: string;
  #at = 0;

  constructor(words: readonly string[], fields: Fields, whole: string) {
    this.#words = words;
    this.#fields = fields;
    this.#whole = whole;
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  /** `a b | c d`: the value of the first is the last argument of the second. */
  pipeline(): Value {
    let value = this.#command([]);
    while (this.#words[this.#at] === "|") {
      this.#at += 1;
      value = this.#command([value]);
    }
    return value;
  }

  fail(): never {
    throw new WharfError("UNSUPPORTED", `The template '${this.#whole}' is not understood`, {
      hint: "Write the name out.",
    });
  }

  #command(last: readonly Value[]): Value {
    const name = this.#words[this.#at] ?? "";
    const call = calls[name];
    if (call === undefined) {
      if (last.length > 0) this.fail();
      return this.#value();
    }
    this.#at += 1;
    const given: Value[] = [];
    while (!this.done && !["|", ")"].includes(this.#words[this.#at]!)) given.push(this.#value());
    return call(...given, ...last) ?? this.fail();
  }

  #value(): Value {
    const word = this.#words[this.#at] ?? this.fail();
    this.#at += 1;
    if (word === "(") {
      const value = this.pipeline();
      if (this.#words[this.#at] !== ")") this.fail();
      this.#at += 1;
      return value;
    }
    if (/^\d+$/.test(word)) return Number(word);
    if (word.startsWith("`")) return word.slice(1, -1);
    if (word.startsWith('"')) return this.#quoted(word);
    return (word.startsWith(".") ? this.#fields[word.slice(1)] : undefined) ?? this.fail();
  }

  #quoted(word: string): string {
    try {
      return JSON.parse(word) as string;
    } catch {
      return this.fail();
    }
  }
}

/** What functions give; undefined where the arguments are none for them. */
const calls: Readonly<Record<string, (...given: Value[]) => Value | undefined>> = {
  env: (name) => (typeof name === "string" ? `\${${name}}` : undefined),
  lower: (text) => (typeof text === "string" ? text.toLowerCase() : undefined),
  upper: (text) => (typeof text === "string" ? text.toUpperCase() : undefined),
  trimSpace: (text) => (typeof text === "string" ? text.trim() : undefined),
  split: (text, by) =>
    typeof text === "string" && typeof by === "string" ? text.split(by) : undefined,
  join: (parts, by) =>
    typeof parts === "object" && typeof by === "string" ? parts.join(by) : undefined,
  index: (parts, place) =>
    typeof parts === "object" && typeof place === "number" ? parts[place] : undefined,
  default: (other, text) => (text === "" ? other : text),
};
