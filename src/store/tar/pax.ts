/**
 * The records of a pax extended header: `LENGTH KEY=VALUE\n`, the length counting itself.
 * Source: POSIX.1-2017, pax, "pax Extended Header".
 */
import { WharfError } from "../../errors.ts";
import { decodeText, encodeText } from "./text.ts";

/**
 * Most bytes of an extended header or long name. A path is at most 4 KiB on Linux and an extended attribute 64 KiB;
 * Go's reader, on which docker and podman stand, allows as much.
 */
export const extendedLimit = 1 << 20;

/** @throws WharfError ARCHIVE_INVALID, message without the archive's name */
export function decodeRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    // Seven digits are more than the limit has.
    const digits = space < 0 || space - at > 7 ? "" : decodeText(bytes.subarray(at, space));
    const end = at + Number(digits);
    const equals = bytes.indexOf(0x3d, space);
    const wellFormed =
      /^[0-9]+$/.test(digits) && equals > space + 1 && equals < end && bytes[end - 1] === 0x0a;
    if (!wellFormed) throw new WharfError("ARCHIVE_INVALID", "an extended header is malformed");
    const key = decodeText(bytes.subarray(space + 1, equals));
    records.set(key, decodeText(bytes.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

export function encodeRecords(records: ReadonlyMap<string, string>): Uint8Array {
  return Buffer.concat(
    [...records].map(([key, value]) => {
      const rest = encodeText(` ${key}=${value}\n`);
      let length = rest.length;
      while (length !== rest.length + String(length).length) {
        length = rest.length + String(length).length;
      }
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}
