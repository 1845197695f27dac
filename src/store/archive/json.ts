/** JSON out of an archive. */
import { WharfError } from "../../errors.ts";
import { depthLimit } from "../../reference/manifest.ts";
import { scanJson } from "../../reference/boundedJson.ts";

/**
 * @param subject whose JSON it is, for messages
 * @throws WharfError ARCHIVE_INVALID where it is no JSON, nested too deeply or says a thing twice
 */
export function parseJson(bytes: Uint8Array, subject: string): unknown {
  const complaint = scanJson(bytes, depthLimit);
  if (complaint) {
    const why =
      complaint.kind === "depth" ? "is nested too deeply" : `has "${complaint.key}" twice`;
    throw new WharfError("ARCHIVE_INVALID", `${subject}: ${why}`);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new WharfError("ARCHIVE_INVALID", `${subject}: is no JSON`, { cause });
  }
}
