/** A file that is read again when it has changed, while the server runs. */
import { stat } from "node:fs/promises";

import type { WharfError } from "../../errors.ts";
import { diskError } from "../../store/disk/failure.ts";
import { readSmallFile, versionOf } from "./smallFile.ts";

/** Milliseconds between two looks; none is taken while nobody asks. */
const between = 1000;

export interface WatchOptions {
  /** Told when the changed file is of no use, once for each change; what was read before holds on. */
  readonly onFailure?: ((error: WharfError) => void) | undefined;
  /** Milliseconds of a clock that only goes forward. @default performance.now */
  readonly clock?: (() => number) | undefined;
}

export class WatchedFile<Content> {
  readonly #path: string;
  readonly #parse: (text: string, path: string) => Content;
  readonly #onFailure: (error: WharfError) => void;
  readonly #clock: () => number;
  #content: Content;
  #version: string;
  /** Code of the failure that is told already; empty where the file could be read. */
  #failing = "";
  #looked: number;
  #looking: Promise<void> | undefined;

  /**
   * Reads the file for the first time.
   * @param parse throws a WharfError that names the path
   * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, and what `parse` throws
   */
  static async open<Content>(
    path: string,
    parse: (text: string, path: string) => Content,
    options: WatchOptions = {},
  ): Promise<WatchedFile<Content>> {
    const { text, version } = await readSmallFile(path);
    return new WatchedFile(path, parse, parse(text, path), version, options);
  }

  private constructor(
    path: string,
    parse: (text: string, path: string) => Content,
    content: Content,
    version: string,
    { onFailure = () => {}, clock = () => performance.now() }: WatchOptions,
  ) {
    this.#path = path;
    this.#parse = parse;
    this.#content = content;
    this.#version = version;
    this.#onFailure = onFailure;
    this.#clock = clock;
    this.#looked = clock();
  }

  /** As it was when somebody last waited for `current`. */
  get latest(): Content {
    return this.#content;
  }

  /** What the file says, as of a second ago at most; the same object as long as it has not changed. */
  async current(): Promise<Content> {
    if (this.#clock() - this.#looked >= between)
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    await this.#looking;
    return this.#content;
  }

  async #look(): Promise<void> {
    let version = "";
    try {
      version = versionOf(await stat(this.#path, { bigint: true }));
      if (version !== this.#version) {
        const read = await readSmallFile(this.#path);
        version = read.version;
        this.#content = this.#parse(read.text, this.#path);
      }
      this.#failing = "";
    } catch (error) {
      const failure = diskError(error, this.#path);
      const isRead = failure.code !== "FILE_NOT_FOUND" && failure.code !== "FILE_FAILED";
      // One that cannot be read is tried at each look; of what it says, a mistake is told once.
      if (!isRead) version = "";
      const told = isRead ? "" : failure.code;
      if (told === "" || told !== this.#failing) this.#onFailure(failure);
      this.#failing = told;
    } finally {
      this.#version = version;
      this.#looked = this.#clock();
    }
  }
}
