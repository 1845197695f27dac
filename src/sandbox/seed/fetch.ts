/** Images that a seed takes from a layout or an archive. */
import { isAbsolute, join } from "node:path";

import { WharfError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { type Location, parseLocation } from "../../reference/location.ts";
import type { Repository } from "../../store/store.ts";
import { copy } from "../../transfer/copy.ts";
import { openSource } from "../../transfer/location.ts";

/**
 * @param location `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:NAME]`
 * @param folder at which relative paths begin
 * @throws WharfError CONFIG_INVALID for other locations; what opening and reading throw
 */
export async function fetchImage(
  location: string,
  target: Repository,
  folder = "",
): Promise<Digest> {
  const place = localPlace(location);
  const path = isAbsolute(place.path) ? place.path : join(folder, place.path);
  const source = await openSource({ ...place, path });
  try {
    return (await copy(source.store, source.reference, target)).descriptor.digest;
  } finally {
    await source.close();
  }
}

/** @throws WharfError CONFIG_INVALID for what is neither ours nor on this machine's disk */
export function localPlace(location: string): Extract<Location, { path: string }> {
  const place = parseLocation(location);
  if ("path" in place && place.path !== "-") return place;
  throw new WharfError("CONFIG_INVALID", `'${location}' is no image that a seed can have`, {
    hint: "Images are hello, plain, oci:DIR[:TAG], oci-archive:FILE or docker-archive:FILE; nothing is fetched over the network.",
  });
}
