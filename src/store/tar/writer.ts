/** Writes tars that every reader since 1988 understands: ustar, with pax records for what its fields cannot hold. */
import { WharfError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";
import type { NewTarEntry, TarType } from "./entry.ts";
import { blockSize, encodeHeader, fitsField } from "./header.ts";
import { encodeRecords, extendedLimit } from "./pax.ts";
import { padding } from "./reader.ts";

/** Writes a tar from its first byte to its last; entries one after another. */
export interface TarWriter {
  /**
   * Writes an entry and its body.
   * @throws WharfError SIZE_MISMATCH where the body is not as long as the header says; the tar is then spoilt
   */
  entry(header: NewTarEntry, body?: Bytes | Uint8Array): Promise<void>;
  /** Writes the mark that ends the archive. */
  finish(): Promise<void>;
}

/**
 * Starts a tar. The same entries give the same bytes: what a header leaves out is 0 or empty, times too.
 * @param write takes the next bytes; they are the writer's again once the promise is fulfilled
 *
 * @example
 * const tar = createTarWriter((chunk) => file.write(chunk));
 * await tar.entry({ name: "hello.txt", size: 5 }, Buffer.from("hello"));
 * await tar.finish();
 */
export function createTarWriter(write: (chunk: Uint8Array) => Promise<unknown>): TarWriter {
  return {
    async entry(header, body = new Uint8Array()) {
      await write(entryHead(header));
      const chunks = body instanceof Uint8Array ? single(body) : body;
      let written = 0;
      for await (const chunk of chunks) {
        written += chunk.byteLength;
        if (written > header.size) break;
        await write(chunk);
        chunks.recycle?.(chunk);
      }
      if (written !== header.size) {
        throw new WharfError(
          "SIZE_MISMATCH",
          `tar entry ${header.name}: the body is not of the ${header.size} bytes promised`,
        );
      }
      const rest = padding(header.size);
      if (rest > 0) await write(new Uint8Array(rest));
    },
    async finish() {
      await write(archiveEnd());
    },
  };
}

async function* single(chunk: Uint8Array): Bytes {
  yield chunk;
}

const flags: Readonly<Record<TarType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/**
 * The bytes before an entry's body: its header, and before it an extended header where one is needed. A plain name of
 * at most 100 bytes needs none, whatever the size, so that the head of such an entry is always one block.
 */
export function entryHead(entry: NewTarEntry): Uint8Array {
  const { type = "file", linkName = "", userName = "", groupName = "", mtime = 0 } = entry;
  const name = type === "directory" && !entry.name.endsWith("/") ? `${entry.name}/` : entry.name;
  const records = new Map<string, string>();
  if (!fitsField("name", name)) records.set("path", name);
  if (!fitsField("linkName", linkName)) records.set("linkpath", linkName);
  if (!fitsField("userName", userName)) records.set("uname", userName);
  if (!fitsField("groupName", groupName)) records.set("gname", groupName);
  if (!Number.isInteger(mtime)) records.set("mtime", String(mtime));
  for (const [key, value] of entry.records ?? []) records.set(key, value);
  const header = encodeHeader({
    name,
    flag: flags[type],
    size: entry.size,
    linkName,
    mode: entry.mode ?? (type === "directory" ? 0o755 : 0o644),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    mtime: Math.floor(mtime),
    userName,
    groupName,
    major: entry.major ?? 0,
    minor: entry.minor ?? 0,
  });
  return records.size === 0 ? header : Buffer.concat([extendedHeader(records), header]);
}

/** Two blocks of zeros. */
export function archiveEnd(): Uint8Array {
  return new Uint8Array(2 * blockSize);
}

function extendedHeader(records: ReadonlyMap<string, string>): Uint8Array {
  const body = encodeRecords(records);
  if (body.byteLength > extendedLimit) {
    throw new WharfError(
      "ARCHIVE_INVALID",
      "tar entry: names and attributes are longer than 1 MiB",
    );
  }
  const header = encodeHeader({
    name: "PaxHeaders/entry",
    flag: "x",
    size: body.byteLength,
    linkName: "",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    userName: "",
    groupName: "",
    major: 0,
    minor: 0,
  });
  return Buffer.concat([header, body, new Uint8Array(padding(body.byteLength))]);
}
