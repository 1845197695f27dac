/** Files that a command writes: nothing that is there is overwritten. */
import { open, unlink } from "node:fs/promises";
import { WharfError } from "../../errors.ts";

/**
 * @param mode as chmod has it
 * @throws WharfError FILE_EXISTS, FILE_FAILED
 */
export async function writeNew(
  path: string,
  data: string | Uint8Array,
  mode: number,
): Promise<void> {
  await withNew(path, mode, async (write) => write(data));
}

/**
 * Makes a file before the work that earns its content: what is told only once must not be without a place.
 * Where the work fails, has nothing to write, or the disk does not take it, the file goes.
 * @throws WharfError FILE_EXISTS, FILE_FAILED before anything is done; what `work` throws, whose `write` throws FILE_FAILED
 */
export async function withNew<Result>(
  path: string,
  mode: number,
  work: (write: (data: string | Uint8Array) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, "wx", mode).catch((error: unknown) => {
    throw unwritten(error, path);
  });
  let kept = false;
  try {
    return await work(async (data) => {
      try {
        await file.writeFile(data);
        // Some file systems tell only now that there is no room.
        await file.datasync();
      } catch (error) {
        throw unwritten(error, path);
      }
      kept = true;
    });
  } finally {
    await file.close();
    if (!kept) await unlink(path).catch(() => {});
  }
}

function unwritten(error: unknown, path: string): WharfError {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return new WharfError("FILE_EXISTS", `${path} is there already`);
  return new WharfError("FILE_FAILED", `${path} cannot be written (${code})`, { cause: error });
}
