/** Package URLs: `pkg:deb/debian/openssl@3.0.9-1?arch=amd64`. Source: ECMA-427, "Package-URL (PURL) specification". */

export interface Purl {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  /** `arch=amd64&distro=debian-12`, as it was written. */
  readonly qualifiers: string | null;
}

/** Reads a package URL; undefined for what is none. */
export function parsePurl(text: string): Purl | undefined {
  const [main = "", qualifiers] = (text.split("#", 1)[0] ?? "").split("?", 2);
  const match = /^pkg:\/*([A-Za-z][A-Za-z0-9.+-]*)\/(.+)$/.exec(main);
  if (!match) return undefined;
  const [, type = "", rest = ""] = match;
  const at = rest.lastIndexOf("@");
  // The name of an npm scope begins with an @ too, where somebody has not escaped it.
  const hasVersion = at > 0 && !rest.slice(at).includes("/");
  const path = (hasVersion ? rest.slice(0, at) : rest).split("/").filter(Boolean).map(decoded);
  const name = path.pop();
  if (name === undefined) return undefined;
  return {
    type: type.toLowerCase(),
    namespace: path.length > 0 ? path.join("/") : null,
    name,
    version: hasVersion ? decoded(rest.slice(at + 1)) : null,
    qualifiers: qualifiers ? qualifiers : null,
  };
}

/** Writes one. */
export function purlOf({
  type,
  namespace,
  name,
  version,
  qualifiers,
}: {
  readonly [Field in keyof Purl]?: Purl[Field] | undefined;
}): string {
  const path = [...(namespace ? namespace.split("/") : []), name ?? ""].map(encoded).join("/");
  const at = version ? `@${encoded(version)}` : "";
  return `pkg:${type}/${path}${at}${qualifiers ? `?${qualifiers}` : ""}`;
}

function encoded(part: string): string {
  return encodeURIComponent(part).replaceAll("%3A", ":").replaceAll("%2B", "+");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
