/** From an image, as people write it, to what Docker Scout knows of it. */
import { WharfError } from "../../errors.ts";
import { isDigest } from "../../reference/digest.ts";
import type { Scout } from "../../scout/client.ts";
import type { ScoutImage } from "../../scout/schemas/image.ts";
import type { Call } from "../call.ts";
import { platformText } from "./platform.ts";

/**
 * The digest of NAME:TAG, NAME@DIGEST or a digest alone. A tag is asked of its registry by one HEAD request, which does
 * not count as a pull.
 */
export async function digestOfImage(
  call: Pick<Call, "repository" | "onClose" | "signal" | "openContext">,
  text: string,
): Promise<string> {
  if (isDigest(text)) return text;
  const { openStore } = await import("../open.ts");
  const { store, reference } = await openStore(call, text, "resolve");
  if (isDigest(reference)) return reference;
  return (await store.resolve(reference, { signal: call.signal })).digest;
}

/** What Docker Scout knows of every platform of an image. */
export async function imagesOf(
  scout: Scout,
  text: string,
  input: { readonly digest: string; readonly organization?: string },
  signal: AbortSignal,
): Promise<readonly [ScoutImage, ...ScoutImage[]]> {
  const [first, ...others] = await scout.imageDetails(input, { signal });
  if (first !== undefined) return [first, ...others];
  throw new WharfError("NOT_FOUND", `Docker Scout does not know ${text}`, {
    hint: "It knows images that it has analysed; for those of an organization say --org ORG.",
  });
}

/**
 * The image of a platform, or the only one.
 * @throws WharfError PLATFORM_NOT_FOUND, naming those that are there
 */
export function imageFor(
  images: readonly [ScoutImage, ...ScoutImage[]],
  text: string,
  wanted: string | undefined,
): ScoutImage {
  const [first, ...others] = images;
  if (wanted === undefined && others.length === 0) return first;
  const platform = wanted ?? "linux/amd64";
  const matches = (each: ScoutImage) => {
    const name = platformText(each.platform);
    // linux/arm64 is linux/arm64/v8 too.
    return name === platform || name.startsWith(`${platform}/`);
  };
  const found = images.find(matches);
  if (found !== undefined) return found;
  const known = images.map((each) => platformText(each.platform)).join(", ");
  throw new WharfError("PLATFORM_NOT_FOUND", `${text} has no image for ${platform}: ${known}`);
}
