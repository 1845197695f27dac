/** What `source` and `target` of an entry name. */
import { dirname, isAbsolute, join, normalize, sep } from "node:path";

import { WharfError } from "../errors.ts";
import { parseHost } from "../reference/hosts.ts";
import { formatLocation, parseLocation } from "../reference/location.ts";
import { checkRepositoryName } from "../reference/name.ts";
import type { ImageName, RegistryPlace, RepositoryPlace } from "./entry.ts";

export interface NamedPlace {
  readonly place: RepositoryPlace;
  readonly image: ImageName;
}

/**
 * Reads a repository, or an image in one: `[HOST/]REPOSITORY[:TAG][@DIGEST]`, `oci:DIR[:TAG][@DIGEST]`.
 * @param folder that relative paths begin at
 * @throws WharfError REFERENCE_INVALID, DIGEST_INVALID, UNSUPPORTED
 */
export function parsePlace(text: string, folder: string): NamedPlace {
  // `localhost:5000` is a registry to people, and tag 5000 of a repository to the grammar.
  if (/^(?:localhost|[\w-]+(?:\.[\w-]+)+):\d+$/.test(text)) {
    throw new WharfError("REFERENCE_INVALID", `'${text}' looks like a registry`, {
      hint: "Name a repository of it, or say `type: registry`.",
    });
  }
  const location = parseLocation(text);
  if (location.transport === "docker") {
    const { registry, repository, ...image } = location.reference;
    return { place: { transport: "docker", registry, repository }, image };
  }
  if (location.transport === "oci") {
    const { path, transport, ...image } = location;
    return { place: { transport, path: located(path, folder) }, image };
  }
  throw new WharfError(
    "UNSUPPORTED",
    `${formatLocation(location)}: registries and OCI layouts (oci:DIR) are synchronised, nothing else`,
    { hint: "`wharf copy` reads and writes archives and the daemon." },
  );
}

/**
 * Reads a registry: `HOST[:PORT][/PREFIX]`, or `oci:DIR` for a registry's data directory.
 * @throws WharfError REFERENCE_INVALID
 */
export function parseRegistryPlace(text: string, folder: string): RegistryPlace {
  const oci = /^oci:(.+)$/.exec(text);
  if (oci) return { transport: "data", path: located(oci[1]!, folder) };
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const prefix = slash < 0 ? "" : text.slice(slash + 1).replace(/\/$/, "");
  const { registry, username } = parseHost(host);
  if (username !== undefined) {
    throw new WharfError("REFERENCE_INVALID", `'${registry}': a user has no place in the file`, {
      hint: "`wharf login` keeps credentials.",
    });
  }
  if (prefix !== "") checkRepositoryName(prefix);
  return { transport: "docker", registry, prefix };
}

/** One spelling for a path, `a/../b/` and `b` alike. */
function located(path: string, folder: string): string {
  const whole = isAbsolute(path) ? normalize(path) : join(folder, path);
  return whole.endsWith(sep) && dirname(whole) !== whole ? whole.slice(0, -1) : whole;
}

/** A repository of a registry. @param name below its prefix */
export function placeIn(registry: RegistryPlace, name: string): RepositoryPlace {
  if (registry.transport === "data") return { ...registry, repository: name };
  const repository = registry.prefix === "" ? name : `${registry.prefix}/${name}`;
  return { transport: "docker", registry: registry.registry, repository };
}
