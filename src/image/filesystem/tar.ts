/** An image's files as one tar. */
import type { NewTarEntry } from "../../store/tar/entry.ts";
import { padding } from "../../store/tar/reader.ts";
import { archiveEnd, entryHead } from "../../store/tar/writer.ts";
import { flattened, type FileEntry } from "./flatten.ts";
import type { Filesystem } from "./image.ts";

/** Bytes of a piece: small files and headers are put together, so that whoever writes them is not called for each. */
const pieceSize = 64 << 10;
/** Bytes from which a chunk is handed on as it is. */
const largeSize = 8 << 10;

/** What went into a tar. */
export interface ExportCount {
  entries: number;
  /** Bytes of the tar. */
  size: number;
}

/**
 * Writes the files of an image as a tar, whiteouts applied: what `docker export` gives of a container that never ran.
 * Attributes are kept as the layers have them: owners, modes, times, extended attributes, devices. A path may be there
 * twice where a layer has it twice, and the last one counts, as in any tar.
 *
 * Memory does not grow with files, only with the number of names. The digest of a layer is checked when all of it has been
 * read: what is written is to be trusted when the tar ends without an error.
 *
 * @param count is counted up on the way
 * @throws WharfError what `flattened` throws
 * @example
 * const image = await openFilesystem(store, "latest");
 * await pipeline(exportTar(image), createWriteStream("fs.tar"));
 */
export async function* exportTar(
  image: Filesystem,
  count: ExportCount = { entries: 0, size: 0 },
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = new Pieces();
  const add = (chunk: Uint8Array): Uint8Array[] => {
    count.size += chunk.byteLength;
    return pieces.add(chunk);
  };
  for await (const file of flattened(image)) {
    count.entries += 1;
    yield* add(entryHead(entryOf(file)));
    if (file.linkTo !== undefined || file.header.size === 0) continue;
    for await (const chunk of file.body) yield* add(chunk);
    yield* add(new Uint8Array(padding(file.header.size)));
  }
  yield* add(archiveEnd());
  yield* pieces.rest();
}

function entryOf({ path, header, linkTo }: FileEntry): NewTarEntry {
  const name = path === "" ? "./" : path;
  if (linkTo === undefined) return { ...header, name };
  // A link has no attributes besides those of its file.
  return { ...header, name, type: "hardlink", linkName: linkTo, size: 0, records: new Map() };
}

/** Puts small pieces together. */
class Pieces {
  #piece = new Uint8Array(pieceSize);
  #length = 0;

  /** @returns what is ready to be handed on */
  add(chunk: Uint8Array): Uint8Array[] {
    if (chunk.byteLength >= largeSize) return [...this.rest(), chunk];
    const full = this.#length + chunk.byteLength > this.#piece.byteLength ? this.rest() : [];
    this.#piece.set(chunk, this.#length);
    this.#length += chunk.byteLength;
    return full;
  }

  /** What has been put together. It belongs to the receiver; what follows goes behind it, where there is room enough. */
  rest(): Uint8Array[] {
    const piece = this.#piece.subarray(0, this.#length);
    const room = this.#piece.subarray(this.#length);
    this.#piece = room.byteLength < largeSize ? new Uint8Array(pieceSize) : room;
    this.#length = 0;
    return piece.byteLength === 0 ? [] : [piece];
  }
}
