/** The files of an artifact, into a folder. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import { downloadBlob } from "../../registry/download.ts";
import { diskError } from "../../store/disk/failure.ts";
import { bytesSource } from "../../store/sources.ts";
import type { Bytes, Fetcher } from "../../store/store.ts";
import { verified } from "../../store/verified.ts";
import { Batch } from "../../transfer/batch.ts";
import { embedded } from "../../transfer/embedded.ts";
import { each } from "../several.ts";
import type { FileEvent, OnFile } from "./event.ts";
import { holds, mergeFolder, Place } from "./place.ts";
import { selectFiles, type Selection, type SelectOptions, type WantedFile } from "./select.ts";
import { annotationKeys } from "./terms.ts";
import { Allowance, unpack } from "./unpack.ts";

/** Which artifact is pulled, what it may replace, and how large its folders may be. */
export interface PullArtifactOptions extends SelectOptions {
  /** Whether files that are there are replaced, and folders filled. @default false */
  readonly force?: boolean;
  /**
   * Bytes that the folders may unpack to, all together.
   * @default 1 GiB, or 200 times what they have when compressed, whichever is more
   */
  readonly maxUnpacked?: number;
  /** Files on their way at the same time. @default 6 */
  readonly concurrency?: number;
  /** Called as things happen; must not throw. */
  readonly onEvent?: OnFile;
}

/** A file or folder of an artifact, and where it is now. */
export interface PulledFile {
  /** Where it is now, below the folder as it was given. */
  readonly path: string;
  readonly title: string;
  readonly descriptor: Descriptor;
  /** Whether it is a folder, which was unpacked. */
  readonly folder: boolean;
  /** `exists`: a file with these bytes was there already. */
  readonly state: "written" | "exists";
}

/** An artifact whose files are in a folder now. */
export interface PulledArtifact extends Omit<Selection, "files"> {
  readonly files: readonly PulledFile[];
}

/** What folders may unpack to: enough for honest ones, for which gzip saves nine tenths, seldom 99 of 100. */
const leastLimit = 2 ** 30;
const honestRatio = 200;

/**
 * Pulls the files of an artifact into a folder, which is made where it is missing. All paths are checked before anything is
 * downloaded; a file gets its name when it is whole and verified. A download that was interrupted goes on.
 *
 * @param reference tag or digest
 * @returns the files, in the order of the manifest
 * @throws WharfError FILE_EXISTS unless `force`; PATH_UNSAFE; ARCHIVE_TOO_LARGE, ARCHIVE_INVALID; UNSUPPORTED for an image,
 *   whose layers have no names; PLATFORM_NOT_FOUND, DIGEST_MISMATCH
 *
 * @example
 * const { files } = await pullArtifact(repository, "v1", "models");
 * for (const { path } of files) console.log(path);
 */
export async function pullArtifact(
  store: Fetcher,
  reference: string,
  folder: string,
  options: PullArtifactOptions = {},
): Promise<PulledArtifact> {
  const selection = await selectFiles(store, reference, options);
  const place = new Place(folder);
  const batch = new Batch(options.signal);
  try {
    const pull = new Pull(store, place, selection.files, { ...options, signal: batch.signal });
    const there = await pull.check(selection.files);
    const states: PulledFile["state"][] = [];
    const work = async (at: number) => {
      if (batch.signal.aborted) return;
      const file = selection.files[at]!;
      states[at] = there.has(file) ? "exists" : "written";
      if (states[at] === "written") await batch.part(pull.fetch(file));
    };
    const order = [...selection.files.keys()].toSorted(
      (a, b) => selection.files[b]!.descriptor.size - selection.files[a]!.descriptor.size || a - b,
    );
    await batch.all([each(order, work, options.concurrency)]);
    return {
      ...selection,
      files: selection.files.map((file, at) => ({
        ...file,
        path: join(folder, file.title),
        state: states[at]!,
      })),
    };
  } finally {
    batch.close();
  }
}

class Pull {
  readonly #store: Fetcher;
  readonly #place: Place;
  readonly #cancellable: { readonly signal: AbortSignal };
  readonly #options: PullArtifactOptions;
  readonly #allowance: Allowance;
  /** Of each content the first file, from which the others are copied. */
  readonly #first = new Map<Digest, Promise<string>>();

  constructor(
    store: Fetcher,
    place: Place,
    files: readonly WantedFile[],
    options: PullArtifactOptions & { readonly signal: AbortSignal },
  ) {
    this.#store = store;
    this.#place = place;
    this.#cancellable = { signal: options.signal };
    this.#options = options;
    const folders = files.filter(({ folder }) => folder);
    const packed = folders.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    const { maxUnpacked = Math.max(leastLimit, honestRatio * packed) } = options;
    this.#allowance = new Allowance(maxUnpacked);
  }

  /**
   * Looks at all places before anything is written.
   * @returns files that are there already
   * @throws WharfError FILE_EXISTS, PATH_UNSAFE
   */
  async check(files: readonly WantedFile[]): Promise<ReadonlySet<WantedFile>> {
    await this.#place.checkFolder();
    const there = new Set<WantedFile>();
    const taken: string[] = [];
    for (const file of files) {
      const { title, folder, descriptor } = file;
      this.#tell(file, "found");
      if (!(await this.#place.check(title, folder))) continue;
      const path = this.#place.path(title);
      if (!folder && (await holds(path, descriptor, this.#cancellable))) there.add(file);
      else if (!this.#options.force) taken.push(path);
    }
    for (const file of there) this.#tell(file, "exists");
    if (taken.length === 0) return there;
    const more = taken.length > 1 ? ` (and ${taken.length - 1} more)` : "";
    throw new WharfError("FILE_EXISTS", `${taken[0]}${more} would be overwritten`, {
      hint: "Replace what is there with --force, or pull to another folder with --output.",
    });
  }

  async fetch(file: WantedFile): Promise<void> {
    const path = await this.#place.prepare(file.title);
    if (file.folder) await this.#folder(file, path);
    else await this.#file(file, path);
    this.#tell(file, "copied", file.descriptor.size);
  }

  async #file(file: WantedFile, path: string): Promise<void> {
    const { digest } = file.descriptor;
    const first = this.#first.get(digest);
    if (first) return copyOver(await first, path);
    const download = this.#download(file, path);
    this.#first.set(digest, download);
    await download;
  }

  async #download(file: WantedFile, path: string): Promise<string> {
    const { descriptor } = file;
    const known = embedded(descriptor);
    const store = known ? { fetchBlob: () => bytesSource(known).open(0) } : this.#store;
    await downloadBlob(store, descriptor, path, {
      ...this.#cancellable,
      onProgress: (bytes) => this.#tell(file, "progress", bytes),
    });
    return path;
  }

  /** Unpacks beside the place: nothing stands there before it is whole. */
  async #folder(file: WantedFile, path: string): Promise<void> {
    const { descriptor, title } = file;
    const root = path === this.#place.folder;
    const name = `.${basename(path)}.${randomBytes(6).toString("hex")}.part`;
    const temporary = join(root ? path : dirname(path), name);
    await attempt(temporary, () => mkdir(temporary, { mode: 0o777 }));
    try {
      const contentDigest = descriptor.annotations?.[annotationKeys.contentDigest];
      if (contentDigest !== undefined) parseDigest(contentDigest);
      await unpack(await this.#body(file), temporary, {
        ...this.#cancellable,
        title,
        ...(contentDigest !== undefined && { contentDigest }),
        allowance: this.#allowance,
      });
      if (root || (await this.#place.check(title, true))) await mergeFolder(temporary, path);
      else await attempt(path, () => rename(temporary, path));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  async #body(file: WantedFile): Promise<Bytes> {
    const { descriptor, title } = file;
    const body = await this.#store.fetchBlob(descriptor, this.#cancellable);
    const bytes = verified(descriptor, body, { subject: title });
    let done = 0;
    const counted = async function* (this: Pull): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of bytes) {
        done += chunk.byteLength;
        yield chunk;
        this.#tell(file, "progress", done);
      }
    }.call(this);
    return {
      [Symbol.asyncIterator]: () => counted,
      recycle: (chunk) => bytes.recycle?.(chunk),
    };
  }

  #tell({ title, descriptor }: WantedFile, state: FileEvent["state"], bytes = 0): void {
    const { size } = descriptor;
    this.#options.onEvent?.({ type: "file", state, title, size, bytes });
  }
}

/** A file's bytes under another name, shared where the file system can. */
async function copyOver(from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.${randomBytes(6).toString("hex")}.part`);
  await attempt(to, async () => {
    await copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await rename(temporary, to).catch(async (error: unknown) => {
      await rm(temporary, { force: true });
      throw error;
    });
  });
}

async function attempt<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error, path);
  }
}
