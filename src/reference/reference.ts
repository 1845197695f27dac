/**
 * References: what images are called. `[HOST/]REPOSITORY[:TAG][@DIGEST]`
 * Source: OCI distribution-spec 1.1, "Pulling manifests"; what is left out is filled in as docker does.
 */
import { WharfError } from "../errors.ts";
import type { Digest } from "./descriptor.ts";
import { parseDigest, quoted } from "./digest.ts";
import { dockerHub, parseRegistry } from "./hosts.ts";
import { checkRepositoryName, checkTag, repositoryLimit } from "./name.ts";

export { checkRepositoryName, checkTag, isTag } from "./name.ts";

/** A name, taken apart and completed. */
export interface Reference {
  /** `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  readonly tag?: string;
  /** With a tag too, the digest says what is meant, the tag what it is called. */
  readonly digest?: Digest;
}

/**
 * Characters of the longest reference: 255 for host and repository, 128 for the tag, 135 for a sha512 digest, two
 * separators. What is longer is refused before anything looks at it.
 */
export const referenceLimit = 520;

/**
 * Parses a reference. Docker's defaults are filled in (`nginx` is `docker.io/library/nginx`), Docker Hub's other names
 * are folded into `docker.io`; no tag is implied, see {@link withDefaultTag}.
 *
 * @throws WharfError REFERENCE_INVALID, DIGEST_INVALID
 * @example
 * parseReference("nginx:1.27") // { registry: "docker.io", repository: "library/nginx", tag: "1.27" }
 */
export function parseReference(
  text: string,
  options: { readonly defaultRegistry?: string } = {},
): Reference {
  if (text.length > referenceLimit)
    throw new WharfError(
      "REFERENCE_INVALID",
      `A reference of ${text.length} characters cannot be; ${referenceLimit} are the most`,
    );
  refuseOtherForms(text);
  const at = text.indexOf("@");
  // First of all: what is no digest may be a host, and the text before it a password, which no message may show.
  const digest = at < 0 ? undefined : checkDigest(text.slice(at + 1));
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const hasTag = colon >= 0 && !named.startsWith("[", named.lastIndexOf("/") + 1);
  const name = hasTag ? named.slice(0, colon) : named;
  const { registry, repository } = splitRegistry(name, options.defaultRegistry);
  if (registry.length + 1 + repository.length > repositoryLimit)
    throw new WharfError(
      "REFERENCE_INVALID",
      `${quoted(name)} has more than ${repositoryLimit} characters, host included`,
    );
  return {
    registry,
    repository,
    ...(hasTag && { tag: checkTag(named.slice(colon + 1)) }),
    ...(digest !== undefined && { digest }),
  };
}

/** The whole reference, nothing implied; `parseReference` gives the same parts again. */
export function formatReference(reference: Reference): string {
  const { registry, repository } = reference;
  // A host without dot and port would be read as a namespace; as docker does, upper case tells them apart.
  const host = isHost(registry) ? registry : registry.toUpperCase();
  return `${host}/${repository}${suffix(reference)}`;
}

/** The shortest spelling that means the same: `nginx:1.27`. */
export function familiarReference(reference: Reference): string {
  const { registry, repository } = reference;
  if (registry !== dockerHub) return formatReference(reference);
  const official = /^library\/([^/]+)$/.exec(repository)?.[1];
  if (official !== undefined) return official + suffix(reference);
  // `docker.io/team.example/app` without its host would name the host `team.example`.
  const first = repository.slice(0, repository.indexOf("/"));
  return (isHost(first) ? `${registry}/${repository}` : repository) + suffix(reference);
}

/** Adds the tag `latest` where there is neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: "latest" };
}

/**
 * Parses the name of a repository, for what concerns all of it.
 *
 * @throws WharfError REFERENCE_INVALID, also where a tag or digest is given
 */
export function parseRepository(
  text: string,
  options: { readonly defaultRegistry?: string } = {},
): { registry: string; repository: string } {
  const { registry, repository, tag, digest } = parseReference(text, options);
  const extra = digest === undefined ? tag : digest;
  if (extra !== undefined)
    throw new WharfError(
      "REFERENCE_INVALID",
      `${quoted(text)} names ${digest === undefined ? "a tag" : "a digest"}, but a repository is wanted`,
      { hint: `Leave out ${quoted(extra)}, or write HOST/REPOSITORY if it is a port.` },
    );
  return { registry, repository };
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
}

/** Docker's rule for when the part before the first '/' is a host. */
function isHost(part: string): boolean {
  return isPlainlyHost(part) || part !== part.toLowerCase();
}

function isPlainlyHost(part: string): boolean {
  return /[.:[]/.test(part) || part === "localhost";
}

function splitRegistry(name: string, defaultRegistry = dockerHub): Reference {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const explicit = isHost(first);
  const repository = explicit ? name.slice(slash + 1) : name;
  // Who writes Owner/App means no host called Owner.
  const misspelt = !isPlainlyHost(first) && repository !== repository.toLowerCase();
  checkRepositoryName(misspelt ? name : repository);
  const registry = parseRegistry(explicit ? first : defaultRegistry);
  const official = registry === dockerHub && !repository.includes("/");
  return { registry, repository: official ? `library/${repository}` : repository };
}

function checkDigest(text: string): Digest {
  parseDigest(text);
  return text;
}

/** What is no reference, but looks like something that we can name a remedy for. */
function refuseOtherForms(text: string): void {
  const refuse = (why: string, hint: string) => {
    throw new WharfError("REFERENCE_INVALID", `Reference ${quoted(text)} ${why}`, { hint });
  };
  if (text === "") refuse("is empty", "Write [HOST/]REPOSITORY[:TAG][@DIGEST].");
  if (/^\s|\s$/.test(text))
    refuse("begins or ends with white space", `Did you mean ${quoted(text.trim())}?`);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\//.exec(text)?.[1];
  if (scheme !== undefined) {
    // A user and password may stand before the host.
    const rest = text.slice(Math.max(scheme.length + 3, text.indexOf("@") + 1));
    throw new WharfError(
      "REFERENCE_INVALID",
      `Reference ${quoted(rest)} has "${scheme}://" in front, which has no place here`,
      { hint: `Did you mean ${quoted(rest)}?` },
    );
  }
  const transport = /^(oci|oci-archive|docker-archive|docker-daemon|dir):[./~]/.exec(text)?.[1];
  if (transport !== undefined)
    refuse(`names a place of the transport "${transport}:"`, "Name an image in a registry here.");
  if (/^[0-9a-f]{64}$/.test(text))
    refuse("is a digest or an identifier, not a name", `Write REPOSITORY@sha256:${text}.`);
  if (/^sha(?:256|512):[0-9a-f]*$/.test(text))
    refuse("is a digest without a repository", `Write REPOSITORY@${text}.`);
}
