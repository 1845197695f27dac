/**
 * Which end-point of the protocol a path is: distribution-spec 1.1, "Endpoints".
 */

/** An end-point with what its path names; names, digests and tags are not checked yet. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly name: string }
  | { readonly kind: "manifest"; readonly name: string; readonly reference: string }
  | { readonly kind: "blob"; readonly name: string; readonly digest: string }
  | { readonly kind: "referrers"; readonly name: string; readonly digest: string }
  | { readonly kind: "uploads"; readonly name: string }
  | { readonly kind: "upload"; readonly name: string; readonly id: string };

/**
 * Reads the path of a request, still percent-encoded; undefined where it is none of the protocol's.
 * It is read from its end, because words such as `blobs` and `manifests` may be part of a repository's name.
 *
 * @example
 * parseRoute("/v2/a/blobs/manifests/latest")
 * // { kind: "manifest", name: "a/blobs", reference: "latest" }
 */
export function parseRoute(path: string): Route | undefined {
  if (path === "/v2/" || path === "/v2") return { kind: "base" };
  if (!path.startsWith("/v2/")) return undefined;
  const segments = decodeSegments(path.slice("/v2/".length));
  if (!segments) return undefined;
  if (segments.length === 1) return segments[0] === "_catalog" ? { kind: "catalog" } : undefined;

  const last = segments.at(-1)!;
  const before = segments.at(-2)!;
  const name = (suffix: number) => segments.slice(0, -suffix).join("/");

  if (before === "uploads" && segments.at(-3) === "blobs")
    return last === ""
      ? { kind: "uploads", name: name(3) }
      : { kind: "upload", name: name(3), id: last };
  if (last === "uploads" && before === "blobs") return { kind: "uploads", name: name(2) };
  if (last === "list" && before === "tags") return { kind: "tags", name: name(2) };
  if (before === "manifests") return { kind: "manifest", name: name(2), reference: last };
  if (before === "blobs") return { kind: "blob", name: name(2), digest: last };
  if (before === "referrers") return { kind: "referrers", name: name(2), digest: last };
  return undefined;
}

/** An encoded slash would make two spellings of one repository's address, past whatever guards the first one. */
function decodeSegments(path: string): string[] | undefined {
  if (!path.includes("%")) return path.split("/");
  try {
    const segments = path.split("/").map(decodeURIComponent);
    return segments.some((segment) => segment.includes("/")) ? undefined : segments;
  } catch {
    return undefined;
  }
}
