/** The files of the image that a REF names, opened for a command. */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { openFilesystem, type Filesystem } from "../image/filesystem/image.ts";
import { parsePlatform } from "../reference/platform.ts";
import type { Call } from "./call.ts";
import { openStore } from "./open.ts";
import { parseSize } from "./size.ts";

interface Flags {
  readonly output?: string | undefined;
  readonly platform: string | undefined;
  readonly "max-unpacked": string | undefined;
}

/**
 * Opens an image, shows progress while `work` reads it, and says its name and manifest.
 * @throws WharfError what opening and `work` throw
 */
export async function withFilesystem(
  call: Call,
  text: string,
  flags: Flags,
  work: (image: Filesystem) => Promise<void>,
): Promise<{ readonly name: string; readonly descriptor: Descriptor }> {
  const limit = flags["max-unpacked"];
  const maxUnpacked = limit === undefined ? undefined : parseSize("max-unpacked", limit);
  const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
  const { store, reference, name } = await openStore(
    call,
    text,
    "resolve",
    "fetchManifest",
    "fetchBlob",
  );
  // Bars and bytes on one terminal would be neither.
  const isShown = flags.output !== "-" || !call.output.stdout.isTTY;
  const progress = isShown ? await call.progress() : undefined;
  const onProgress = ({ digest, size }: Descriptor, bytes: number) =>
    progress?.update(digest, bytes, size);
  try {
    const image = await openFilesystem(store, reference, {
      signal: call.signal,
      onProgress,
      ...(platform && { platform }),
      ...(maxUnpacked !== undefined && { maxUnpacked }),
    });
    await work(image);
    return { name, descriptor: image.descriptor };
  } catch (error) {
    if (!isError(error, "INTERRUPTED")) throw error;
    const hint = "Nothing was kept: run the same again.";
    throw new WharfError("INTERRUPTED", error.message, { hint, cause: error });
  } finally {
    progress?.stop();
  }
}
