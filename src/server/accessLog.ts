/** The access log: one line a request, to a file that others may move away. */
import { type FileHandle, open } from "node:fs/promises";

import type { WharfError } from "../errors.ts";
import { redactTarget } from "../http/redact.ts";
import { diskError } from "../store/disk/failure.ts";
import type { AccessEntry } from "./server.ts";

/** How a line is written: `text` is the Combined Log Format with the seconds it took at the end; `json` an object. */
export type AccessLogFormat = "text" | "json";

/** How lines are written, and who is told when they cannot be. */
export interface AccessLogOptions {
  /** `text` is the Combined Log Format with the seconds it took at the end; `json` an object a line. @default "text" */
  readonly format?: AccessLogFormat;
  /** Told when lines cannot be written, once until they can again. */
  onFailure?(error: WharfError): void;
}

/** A file with a line for each request. */
export interface AccessLog {
  /** Does not wait for the disk, and never throws. */
  write(entry: AccessEntry): void;
  /** Goes on in a new file of the same name, as after logrotate has moved the old one away. */
  reopen(): void;
  /** Writes what is left, and closes the file. */
  close(): Promise<void>;
}

/** Characters that wait for a disk that hangs; lines that come then are lost. */
const gatherLimit = 8 << 20;

/**
 * Opens the file, to append to it.
 * @throws WharfError FILE_FAILED
 */
export async function openAccessLog(
  path: string,
  options: AccessLogOptions = {},
): Promise<AccessLog> {
  return new FileLog(path, await openFile(path), options);
}

// Who asked for what is not everybody's to read.
const openFile = (path: string) =>
  open(path, "a", 0o640).catch((error: unknown) => {
    throw diskError(error, path);
  });

class FileLog implements AccessLog {
  readonly #path: string;
  readonly #format: AccessLogFormat;
  readonly #onFailure: (error: WharfError) => void;
  #handle: FileHandle;
  #gathered = "";
  #writing: Promise<void> | undefined;
  #reopen = false;
  #failing = false;

  constructor(path: string, handle: FileHandle, { format, onFailure }: AccessLogOptions) {
    this.#path = path;
    this.#handle = handle;
    this.#format = format ?? "text";
    this.#onFailure = onFailure ?? (() => {});
  }

  write(entry: AccessEntry): void {
    if (this.#gathered.length > gatherLimit) return;
    this.#gathered += `${formatAccess(entry, this.#format)}\n`;
    this.#start();
  }

  reopen(): void {
    this.#reopen = true;
    this.#start();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  /** What comes while a write is under way goes into the next one. */
  #start(): void {
    this.#writing ??= this.#run().finally(() => (this.#writing = undefined));
  }

  async #run(): Promise<void> {
    while (this.#reopen || this.#gathered !== "") {
      try {
        if (this.#reopen) await this.#change();
        const lines = this.#gathered;
        this.#gathered = "";
        if (lines !== "") await this.#handle.appendFile(lines);
        this.#failing = false;
      } catch (error) {
        // The lines are lost: to keep them until the disk is free again could take all the memory.
        if (!this.#failing) this.#onFailure(diskError(error, this.#path));
        this.#failing = true;
      }
    }
  }

  /** Lines that were begun before go to the old file; where there can be no new one, all do. */
  async #change(): Promise<void> {
    this.#reopen = false;
    const handle = await openFile(this.#path);
    await this.#handle.close().catch(() => {});
    this.#handle = handle;
  }
}

/** One line without its end; no value of it can end the line or look like another field. */
export function formatAccess(
  entry: AccessEntry,
  format: AccessLogFormat,
  now: Date = new Date(),
): string {
  const target = redactTarget(entry.target);
  if (format === "json")
    return JSON.stringify({
      time: now.toISOString(),
      ...entry,
      target,
      duration: Math.round(entry.duration * 1000) / 1000,
    });
  const { address = "-", user, method, httpVersion, status, bytes, userAgent, duration } = entry;
  const request = `"${quoted(`${method} ${target} HTTP/${httpVersion}`)}"`;
  const agent = userAgent === undefined ? `"-"` : `"${quoted(userAgent)}"`;
  const who = user === undefined ? "-" : quoted(user).replaceAll(" ", "\\x20");
  const seconds = (duration / 1000).toFixed(3);
  return `${address} - ${who} [${commonTime(now)}] ${request} ${status} ${bytes} "-" ${agent} ${seconds}`;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `21/Nov/2026:06:31:00 +0000` */
function commonTime(time: Date): string {
  const [year, month, day] = time.toISOString().slice(0, 10).split("-");
  return `${day}/${months[Number(month) - 1]}/${year}:${time.toISOString().slice(11, 19)} +0000`;
}

function quoted(text: string): string {
  return text.replaceAll(/["\\\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, "0")}`;
  });
}
