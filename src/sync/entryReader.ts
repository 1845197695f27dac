/** What an entry of a sync file means. */
import { configError } from "../config/fields.ts";
import { isError } from "../errors.ts";
import { checkPatterns } from "../image/tags/pattern.ts";
import { parseRange } from "../image/tags/range.ts";
import { isDigest } from "../reference/digest.ts";
import { checkTag } from "../reference/name.ts";
import { parsePlatform } from "../reference/platform.ts";
import { backupTags } from "./backup.ts";
import { fieldName } from "./complaint.ts";
import type { Path, YamlText } from "./document.ts";
import type { EntryOptions, PruneWish, SyncEntry, TagWish } from "./entry.ts";
import type { ReadSyncFileOptions } from "./file.ts";
import { parsePlace, parseRegistryPlace, type NamedPlace } from "./place.ts";
import { defaultPruneLimit, type WrittenEntry, type WrittenFile } from "./schema.ts";

/** Reads the entries of a file whose fields are known to be well-formed. */
export class EntryReader {
  readonly #file: WrittenFile;
  readonly #yaml: YamlText;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(file: WrittenFile, yaml: YamlText, options: ReadSyncFileOptions) {
    this.#file = file;
    this.#yaml = yaml;
    this.#folder = options.folder ?? "";
    this.#environment = options.environment ?? process.env;
  }

  /** @throws WharfError CONFIG_INVALID */
  read(number: number): SyncEntry {
    const own = this.#file.sync[number]!;
    const written: WrittenEntry = { ...this.#file.defaults, ...own };
    if (own.type === "registry") return this.#registry(number, written);
    const at: Path = ["sync", number];
    if (own.repositories !== undefined)
      this.#fail([...at, "repositories"], "goes with `type: registry`");
    const source = this.#place(number, "source");
    const target = this.#place(number, "target");
    const isImage = source.image.tag !== undefined || source.image.digest !== undefined;
    this.#checkType(own, at, source.place.transport, isImage);
    if (isImage || own.type === "image") return this.#image(number, written, source, target);
    const surplus = target.image.tag ?? target.image.digest;
    if (surplus !== undefined)
      this.#fail([...at, "target"], `names one image, '${surplus}', and the source a repository`);
    return {
      ...this.#options(number, written),
      type: "repository",
      source: source.place,
      target: target.place,
      ...this.#tags(number, written),
    };
  }

  #image(number: number, written: WrittenEntry, source: NamedPlace, target: NamedPlace): SyncEntry {
    const at: Path = ["sync", number];
    const own = this.#file.sync[number]!;
    for (const field of ["tags", "prune"] as const)
      if (own[field] !== undefined)
        this.#fail([...at, field], "goes with a repository; the source names one image");
    if (target.image.digest !== undefined)
      this.#fail([...at, "target"], "names a digest; the image brings its own");
    const { prune: _, ...options } = this.#options(number, written);
    const named = source.image.tag !== undefined || source.image.digest !== undefined;
    const image = named ? source.image : { tag: "latest" };
    const tag = target.image.tag ?? image.tag;
    return {
      ...options,
      type: "image",
      source: source.place,
      target: target.place,
      image,
      ...(tag !== undefined && { tag }),
    };
  }

  #registry(number: number, written: WrittenEntry): SyncEntry {
    const place = (field: "source" | "target") =>
      this.#try(["sync", number, field], () =>
        parseRegistryPlace(this.#text(number, field), this.#folder),
      );
    const { repositories } = written;
    for (const field of ["match", "exclude"] as const)
      this.#try(["sync", number, "repositories", field], () =>
        checkPatterns(repositories?.[field]),
      );
    return {
      ...this.#options(number, written),
      type: "registry",
      source: place("source"),
      target: place("target"),
      ...(repositories && { repositories: defined(repositories) }),
      ...this.#tags(number, written),
    };
  }

  /** What is said of the source must be what it is. */
  #checkType({ type }: WrittenEntry, at: Path, transport: string, isImage: boolean) {
    if (type === "layout" && transport !== "oci")
      this.#fail([...at, "type"], "is layout, but the source is not oci:DIR");
    if (type === "image" && transport === "oci" && !isImage)
      this.#fail([...at, "source"], "names no image; write oci:DIR:TAG");
    if ((type === "repository" || type === "layout") && isImage)
      this.#fail([...at, "source"], `names one image; a ${type} has neither tag nor digest`);
  }

  #options(number: number, written: WrittenEntry): EntryOptions {
    const { platforms = [], referrers = true, overwrite = true, backup, prune = false } = written;
    if (backup !== undefined) {
      const example = { tag: "1.0", digest: "sha256:000000000000", now: new Date(0) };
      const path = this.#pathOf(number, "backup");
      this.#try(path, () => backupTags(backup, example).forEach((tag) => checkTag(tag)));
      if (!/\{(tag|digest)\}/.test(backup))
        this.#fail(path, "must hold {tag} or {digest}: else every tag has the same backup");
    }
    return {
      number,
      where: this.#yaml.where(["sync", number]),
      platforms: [platforms]
        .flat()
        .map((text) => this.#try(this.#pathOf(number, "platforms"), () => parsePlatform(text))),
      referrers: referrers === "always" ? "always" : referrers ? "new" : "none",
      overwrite,
      ...(backup !== undefined && { backup }),
      ...(prune !== false && { prune: pruneWish(prune) }),
    };
  }

  #tags(number: number, { tags }: WrittenEntry): { tags?: readonly TagWish[] } {
    if (tags === undefined) return {};
    const path = this.#pathOf(number, "tags");
    const names: string[] = [];
    const wishes: TagWish[] = [];
    for (const [place, item] of [tags].flat().entries()) {
      const at = Array.isArray(tags) ? [...path, place] : path;
      if (typeof item === "string") {
        if (!isDigest(item)) this.#try(at, () => checkTag(item));
        names.push(item);
        continue;
      }
      const { match, exclude, semver } = item;
      this.#try([...at, "match"], () => checkPatterns(match));
      this.#try([...at, "exclude"], () => checkPatterns(exclude));
      if (semver !== undefined) this.#try([...at, "semver"], () => parseRange(semver));
      wishes.push(defined(item));
    }
    return { tags: names.length === 0 ? wishes : [{ names }, ...wishes] };
  }

  #place(number: number, field: "source" | "target"): NamedPlace {
    const path = ["sync", number, field];
    return this.#try(path, () => parsePlace(this.#text(number, field), this.#folder));
  }

  #text(number: number, field: "source" | "target"): string {
    const path = ["sync", number, field];
    return this.#file.sync[number]![field].replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = this.#environment[name];
      if (!/^[A-Za-z_]\w*$/.test(name)) this.#fail(path, `: '\${${name}}' names no variable`);
      if (!value) this.#fail(path, `: the environment variable ${name} is not set`);
      return value;
    });
  }

  /** Where a setting was said: by the entry, or by the defaults. */
  #pathOf(number: number, field: keyof WrittenEntry): Path {
    const own = this.#file.sync[number]![field] !== undefined;
    return own ? ["sync", number, field] : ["defaults", field];
  }

  /** Says where in the file it was that something made no sense. */
  #try<Value>(path: Path, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!isError(error) || error.code === "CONFIG_INVALID") throw error;
      const { message, details } = error;
      throw configError(this.#yaml.where(path), `${fieldName(path)}: ${message}`, details.hint);
    }
  }

  #fail(path: Path, why: string): never {
    const text = why.startsWith(":") ? `${fieldName(path)}${why}` : `${fieldName(path)} ${why}`;
    throw configError(this.#yaml.where(path), text);
  }
}

function pruneWish(prune: Exclude<WrittenEntry["prune"], undefined | false>): PruneWish {
  const { tags = "gone", limit = defaultPruneLimit } = typeof prune === "object" ? prune : {};
  return { tags, limit };
}

type Defined<Fields> = { [Field in keyof Fields]: Exclude<Fields[Field], undefined> };

/** Without the fields that are there and undefined. */
function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>;
}
