/** What both kinds of archive are to who reads them. */
import { WharfError } from "../../errors.ts";
import type { Cancellable, Source, TagLister } from "../store.ts";

/** An archive that can be copied from. */
export interface ArchiveSource extends Source, TagLister {
  /**
   * The reference of the archive's only image, for who names none.
   * @throws WharfError MANIFEST_NOT_FOUND where there are none or several; the hint lists their names
   */
  only(options?: Cancellable): Promise<string>;
  /** Closes the file; a temporary copy is gone then. */
  close(): Promise<void>;
}

/** The error for an archive that holds several images while none was named, or none at all. */
export function notOnly(subject: string, names: readonly string[], count: number): WharfError {
  if (count === 0) return new WharfError("MANIFEST_NOT_FOUND", `${subject}: holds no image`);
  const shown = names.slice(0, 10).join(", ") + (names.length > 10 ? ", …" : "");
  return new WharfError("MANIFEST_NOT_FOUND", `${subject}: holds ${count} images; which one?`, {
    hint: names.length > 0 ? `Name one of them: ${shown}.` : "Name one of them by its digest.",
  });
}
