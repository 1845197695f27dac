/** Files that a command writes: nothing that is there is overwritten. */
import { open } from "node:fs/promises";
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
  try {
    const file = await open(path, "wx", mode);
    try {
      await file.writeFile(data);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new WharfError("FILE_EXISTS", `${path} is there already`);
    throw new WharfError("FILE_FAILED", `${path} cannot be written (${code})`, { cause: error });
  }
}
