/** One artifact among those that are attached to an image. */
import { WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import type { Descriptor, Platform } from "../../reference/descriptor.ts";
import { quoted } from "../../reference/digest.ts";
import { supports, type Fetcher } from "../../store/store.ts";
import { choose, leaves } from "../platforms.ts";
import { readManifest, type ReadManifest } from "../read.ts";
import { annotationKeys } from "./terms.ts";

/**
 * Reads the newest artifact of a type that is attached to what `reference` names.
 * @throws WharfError MANIFEST_NOT_FOUND where there is none; UNSUPPORTED where the store cannot list referrers
 */
export async function readAttached(
  store: Fetcher,
  reference: string,
  artifactType: string,
  { platform, ...options }: Cancellable & { readonly platform?: Platform },
): Promise<ReadManifest> {
  if (!supports(store, "listReferrers")) {
    throw new WharfError("UNSUPPORTED", "What is attached cannot be listed here", {
      hint: "Copy the image into a registry or an OCI layout (oci:DIR) first.",
    });
  }
  const image = await readManifest(store, reference, options);
  const subject = platform
    ? choose(await leaves(store, image, options), image, platform)
    : image.descriptor;
  const types = new Set<string>();
  let newest: Descriptor | undefined;
  for await (const referrer of store.listReferrers(subject.digest, options)) {
    types.add(referrer.artifactType ?? "no type");
    if (referrer.artifactType !== artifactType) continue;
    if (newest === undefined || timeOf(referrer) > timeOf(newest)) newest = referrer;
  }
  if (newest) return readManifest(store, newest.digest, options);
  const there = types.size === 0 ? "Nothing is" : `There are: ${[...types].join(", ")}`;
  throw new WharfError(
    "MANIFEST_NOT_FOUND",
    `Nothing of type ${quoted(artifactType)} is attached to ${subject.digest}`,
    { hint: `${there}${types.size === 0 ? " attached to it." : "."}` },
  );
}

/** Milliseconds since 1970; what does not say when it was made is the oldest. */
export function timeOf({ annotations }: Pick<Descriptor, "annotations">): number {
  const time = Date.parse(annotations?.[annotationKeys.created] ?? "");
  return Number.isNaN(time) ? -8.64e15 : time;
}
