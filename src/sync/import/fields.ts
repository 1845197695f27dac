/** Reads the loose fields of other tools' files: everything is text there. */
import { configError } from "../../config/fields.ts";
import { fieldName } from "../complaint.ts";
import type { Path, YamlText } from "../document.ts";

/** A map of fields in a file, and where it stands. */
export class Fields {
  readonly path: Path;
  readonly #yaml: YamlText;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  constructor(yaml: YamlText, path: Path, value: unknown) {
    this.path = path;
    this.#yaml = yaml;
    if (value === null || value === undefined || value === "") value = {};
    if (typeof value !== "object" || Array.isArray(value))
      throw configError(yaml.where(path), `${fieldName(path)} must be a map of fields`);
    this.#values = value as Record<string, unknown>;
  }

  /** `FILE:LINE` of a field. */
  where(field?: string): string {
    return this.#yaml.where(field === undefined ? this.path : [...this.path, field]);
  }

  text(field: string): string | undefined {
    const value = this.#take(field);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") this.#fail(field, "must be text");
    return value;
  }

  flag(field: string): boolean | undefined {
    const text = this.text(field);
    if (text === undefined || text === "") return undefined;
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text)) return false;
    return this.#fail(field, "must be true or false");
  }

  /** A list of texts; one alone counts as a list. */
  list(field: string): string[] {
    const value = this.#take(field);
    if (value === undefined || value === null || value === "") return [];
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    if (list.some((item) => typeof item !== "string")) this.#fail(field, "must be a list of texts");
    return list as string[];
  }

  fields(field: string): Fields {
    return new Fields(this.#yaml, [...this.path, field], this.#take(field));
  }

  each(field: string): Fields[] {
    const value = this.#take(field);
    if (value === undefined || value === null || value === "") return [];
    if (!Array.isArray(value)) this.#fail(field, "must be a list");
    return value.map((item, i) => new Fields(this.#yaml, [...this.path, field, i], item));
  }

  get names(): string[] {
    return Object.keys(this.#values);
  }

  /** Fields that nobody has asked for. */
  get others(): string[] {
    return this.names.filter((name) => !this.#known.has(name));
  }

  #take(field: string): unknown {
    this.#known.add(field);
    return this.#values[field];
  }

  #fail(field: string, why: string): never {
    throw configError(this.where(field), `${fieldName([...this.path, field])} ${why}`);
  }
}
