/** Where content is: a registry, a folder, a file, the daemon. `TRANSPORT:PLACE` */
import { WharfError } from "../errors.ts";
import type { Digest } from "./descriptor.ts";
import { isDigest, quoted } from "./digest.ts";
import { formatReference, isTag, parseReference } from "./reference.ts";
import type { Reference } from "./reference.ts";

/** Where content is: a registry, an OCI layout, an archive, the daemon. */
export type Location =
  | { readonly transport: "docker"; readonly reference: Reference }
  | {
      readonly transport: "oci" | "oci-archive";
      /** Folder or file; `-` is standard input or output of an archive. */
      readonly path: string;
      readonly tag?: string;
      readonly digest?: Digest;
    }
  | {
      readonly transport: "docker-archive";
      /** File; `-` is standard input or output. */
      readonly path: string;
      /** The image's whole name in the archive, as it was written: `busybox:1.36`. */
      readonly tag?: string;
    }
  | {
      readonly transport: "docker-daemon";
      /** As the daemon is asked: a name, or the identifier of an image. */
      readonly reference: string;
    };

/** Characters of a location: those of a path on Linux, and a reference. */
const locationLimit = 4096 + 520;

/**
 * Parses what commands take as source or target:
 * `[docker://]REFERENCE`, `oci:DIR[:TAG][@DIGEST]` (also `ocidir://`), `oci-archive:FILE[:TAG]`,
 * `docker-archive:FILE[:NAME]`, `docker-daemon:NAME`. What begins with one of these words and a colon is that
 * transport; an image that is called so needs `docker://`. A path that ends like a tag takes a colon behind it.
 *
 * @throws WharfError REFERENCE_INVALID, DIGEST_INVALID
 * @example
 * parseLocation("oci:./layout:1.0") // { transport: "oci", path: "./layout", tag: "1.0" }
 */
export function parseLocation(
  text: string,
  options: { readonly defaultRegistry?: string } = {},
): Location {
  if (text.length > locationLimit) throw locationError(text, "is too long");
  const match = /^([a-z][a-z0-9-]{0,30}):(\/\/)?/.exec(text);
  const transport = match?.[1];
  const rest = text.slice(match?.[0].length ?? 0);
  const bare = text.slice((transport?.length ?? -1) + 1);
  switch (transport) {
    case "docker":
      // `docker:20-dind` is an image; the transport has its slashes.
      if (match?.[2]) return { transport, reference: parseReference(rest, options) };
      break;
    case "ocidir":
      return ociLocation("oci", rest, text);
    case "oci":
    case "oci-archive":
      return ociLocation(transport, bare, text);
    case "docker-archive":
      return dockerArchive(bare, text);
    case "docker-daemon":
      if (bare === "") throw locationError(text, "names no image");
      return { transport, reference: bare };
    case "dir":
    case "containers-storage":
    case "ostree":
    case "tarball":
    case "sif":
      if (transport !== "dir" || /^[./]/.test(bare))
        throw locationError(text, `has the transport "${transport}:", which is not supported`);
  }
  return { transport: "docker", reference: parseReference(text, options) };
}

/** The whole location; `parseLocation` gives the same parts again. */
export function formatLocation(location: Location): string {
  switch (location.transport) {
    case "docker":
      return `docker://${formatReference(location.reference)}`;
    case "docker-daemon":
      return `docker-daemon:${location.reference}`;
    case "docker-archive": {
      const { path, tag } = location;
      return `docker-archive:${path}${tag === undefined ? "" : `:${tag}`}`;
    }
    default: {
      const { transport, path, tag, digest } = location;
      // A path that would be read as path and tag takes an empty tag.
      const name = tag ?? (splitPath(path).path === path ? undefined : "");
      return `${transport}:${path}${name === undefined ? "" : `:${name}`}${digest === undefined ? "" : `@${digest}`}`;
    }
  }
}

function ociLocation(transport: "oci" | "oci-archive", rest: string, text: string): Location {
  const location = splitPath(rest);
  if (location.path === "") throw locationError(text, "names no path");
  return { transport, ...location };
}

/** Splits `PATH[:TAG][@DIGEST]`; what is no tag belongs to the path. */
function splitPath(text: string): { path: string; tag?: string; digest?: Digest } {
  const at = text.lastIndexOf("@");
  const digest = at < 0 ? "" : text.slice(at + 1);
  const named = isDigest(digest) ? text.slice(0, at) : text;
  const colon = named.lastIndexOf(":");
  const tag = colon < 0 ? "" : named.slice(colon + 1);
  const end = colon > 0 && (isTag(tag) || tag === "");
  return {
    path: end ? named.slice(0, colon) : named,
    ...(end && tag !== "" && { tag }),
    ...(isDigest(digest) && { digest }),
  };
}

/** Splits at the first colon, because the name behind it has colons of its own. */
function dockerArchive(rest: string, text: string): Location {
  const from = /^[A-Za-z]:[\\/]/.test(rest) ? 2 : 0;
  const colon = rest.indexOf(":", from);
  const path = colon < 0 ? rest : rest.slice(0, colon);
  if (path === "") throw locationError(text, "names no file");
  if (colon < 0) return { transport: "docker-archive", path };
  const tag = rest.slice(colon + 1);
  const { digest } = parseReference(tag);
  if (digest !== undefined)
    throw locationError(text, "has a digest; docker archives know images by name only");
  return { transport: "docker-archive", path, tag };
}

function locationError(text: string, why: string): WharfError {
  return new WharfError("REFERENCE_INVALID", `${quoted(text)} ${why}`, {
    hint: "Write [docker://]REFERENCE, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE or docker-daemon:NAME.",
  });
}
