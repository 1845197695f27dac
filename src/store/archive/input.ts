/** Opens an archive so that one can seek in it: a file as it is; a pipe, or what is compressed, by a temporary copy. */
import { open, type FileHandle } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";

import { interrupted, WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import { diskError } from "../disk/failure.ts";
import { compressionOf, headSize } from "./compression.ts";
import { credibly, type Expansion } from "./expansion.ts";
import { readRange, spool } from "./file.ts";
import { Members } from "./members.ts";

/**
 * Lists the files of an archive.
 * @param input path of a file, `-` for standard input, or a stream; gzip and zstd are undone
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, DISK_FULL, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, PATH_UNSAFE
 */
export async function openMembers(
  input: string | Bytes,
  options: Input & { subject?: string } = {},
): Promise<Members> {
  const subject = options.subject ?? subjectOf(input);
  const { file, size } = await seekable(input, subject, options);
  try {
    return await Members.list(file, size, subject);
  } catch (error) {
    await file.close();
    throw diskError(error, subject);
  }
}

function subjectOf(input: string | Bytes): string {
  if (typeof input !== "string") return "archive";
  return input === "-" ? "standard input" : input;
}

interface Input extends Cancellable {
  /** @default a hundredfold and a GiB */
  readonly expansion?: Expansion;
}

interface Seekable {
  readonly file: FileHandle;
  /** Bytes. */
  readonly size: number;
}

async function seekable(input: string | Bytes, subject: string, options: Input): Promise<Seekable> {
  if (typeof input !== "string") return copied(input, subject, options);
  if (input === "-") {
    if (process.stdin.isTTY) {
      throw new WharfError(
        "USAGE",
        "An archive is expected on standard input, which is a terminal",
        {
          hint: "Write for example `docker save busybox | wharf copy docker-archive:- …`.",
        },
      );
    }
    return copiedStream(process.stdin, subject, options);
  }
  const file = await open(input).catch((error: unknown) => {
    throw diskError(error, input);
  });
  let keep = false;
  try {
    const found = await file.stat();
    if (found.isDirectory()) {
      throw new WharfError("FILE_FAILED", `${input}: is a folder, not an archive`, {
        hint: "A folder that holds an OCI layout is named oci:FOLDER.",
      });
    }
    if (!found.isFile()) {
      const stream = file.createReadStream({ autoClose: false });
      return await copiedStream(stream, subject, options);
    }
    if (!(await isCompressed(file, subject))) {
      keep = true;
      return { file, size: found.size };
    }
    return await copied(readRange(file, 0, found.size, { subject }), subject, options);
  } catch (error) {
    throw diskError(error, input);
  } finally {
    if (!keep) await file.close();
  }
}

async function copied(body: Bytes, subject: string, options: Input): Promise<Seekable> {
  const { signal, expansion } = options;
  const plain = await credibly(body, subject, {
    ...(expansion && { expansion }),
    hint: "If you trust it, decompress it first: `gzip -d` or `zstd -d`.",
  });
  return spool(plain, signal ? { signal } : {});
}

/** A stream that may never give another byte is destroyed when the caller gives up. */
async function copiedStream(
  stream: Readable,
  subject: string,
  { signal, ...options }: Input,
): Promise<Seekable> {
  if (signal) addAbortSignal(signal, stream);
  try {
    return await copied(stream, subject, options);
  } catch (error) {
    throw signal?.aborted ? interrupted(signal) : error;
  }
}

async function isCompressed(file: FileHandle, subject: string): Promise<boolean> {
  const head = new Uint8Array(headSize);
  await file.read(head, 0, headSize, 0);
  return compressionOf(head, subject) !== "none";
}
