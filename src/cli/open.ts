/** From a REF, as people write it, to the store that holds it and what to ask it for. */
import { WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { formatLocation, parseLocation, type Location } from "../reference/location.ts";
import { supports, type Repository, type Source } from "../store/store.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";

type Method = keyof Repository;

export interface Opened<Wanted extends Method> {
  readonly store: Pick<Repository, Wanted>;
  /** Tag or digest; `latest` where a registry's image is named without either. */
  readonly reference: string;
  /** The repository, folder or file without tag and digest, for messages. */
  readonly repository: string;
  /** As the location is written in full. */
  readonly name: string;
}

/**
 * Opens the store that a location is in; the call closes it.
 * @throws WharfError UNSUPPORTED where that kind of store cannot do what is wanted
 */
export async function openStore<Wanted extends Method>(
  call: Pick<Call, "repository" | "onClose" | "signal" | "openContext">,
  text: string,
  ...wanted: Wanted[]
): Promise<Opened<Wanted>> {
  const location = parseLocation(text);
  const { store, reference } = await open(call, location);
  if (!supports(store, ...wanted))
    throw new WharfError(
      "UNSUPPORTED",
      `${nameOf(location)}: ${nouns[location.transport]} cannot be used for this`,
      { hint: "Copy it into a registry or an OCI layout (oci:DIR) first." },
    );
  return { store, reference, repository: repositoryOf(location), name: nameOf(location) };
}

const nouns: Readonly<Record<Location["transport"], string>> = {
  docker: "a registry",
  oci: "an OCI layout",
  "oci-archive": "an archive",
  "docker-archive": "an archive",
  "docker-daemon": "the daemon",
};

function nameOf(location: Location): string {
  return formatLocation(location).replace(/^docker:\/\//, "");
}

async function open(
  call: Pick<Call, "repository" | "onClose" | "openContext">,
  location: Location,
): Promise<{ store: object; reference: string }> {
  if (location.transport === "docker") {
    const { reference } = location;
    const store = await call.repository(reference);
    return { store, reference: reference.digest ?? reference.tag ?? "latest" };
  }
  if (location.transport === "oci" && (location.tag ?? location.digest) !== undefined) {
    const { openLayout } = await import("../store/layout/layout.ts");
    const store = await openLayout(location.path);
    call.onClose(() => store.close());
    return { store, reference: location.digest ?? location.tag! };
  }
  const { openSource } = await import("../transfer/location.ts");
  const source = await openSource(location, await call.openContext());
  call.onClose(() => source.close());
  return source;
}

/** Opens what lists tags; an image need not be named. */
export async function openRepository<Wanted extends Method>(
  call: Pick<Call, "repository" | "onClose" | "signal" | "openContext">,
  text: string,
  ...wanted: Wanted[]
): Promise<Opened<Wanted>> {
  const location = parseLocation(text);
  refuseImage(location, text);
  if (location.transport === "oci" && location.tag === undefined && location.digest === undefined) {
    const { openLayout } = await import("../store/layout/layout.ts");
    const create = wanted.includes("pushBlob" as Wanted);
    const durable = create ? (await call.openContext()).durable : undefined;
    const store = await openLayout(location.path, {
      create,
      ...(durable !== undefined && { durability: durable ? "batch" : "none" }),
    });
    call.onClose(() => store.close());
    return { store, reference: "", repository: repositoryOf(location), name: text };
  }
  return openStore(call, text, ...wanted);
}

function refuseImage(location: Location, text: string): void {
  if (location.transport !== "docker") return;
  const { tag, digest } = location.reference;
  const surplus = digest ? `@${digest}` : tag ? `:${tag}` : undefined;
  if (surplus)
    throw usage(`'${text}' names one image`, `Name the repository, without '${surplus}'.`);
}

/** The repository, folder or file that a REF names, in full and without tag and digest. */
export const repositoryName = (text: string): string => repositoryOf(parseLocation(text));

/** The same of a REPO. @throws WharfError USAGE where it names one image */
export function bareRepositoryName(text: string): string {
  refuseImage(parseLocation(text), text);
  return repositoryName(text);
}

/**
 * Tag and digest that a REF names, where one must be named.
 * @throws WharfError USAGE where there is neither: `latest` is never implied for what changes or deletes
 */
export function explicitReference(text: string): { tag?: string; digest?: Digest } {
  const location = parseLocation(text);
  const named = location.transport === "docker" ? location.reference : location;
  const { tag, digest } = named as { tag?: string; digest?: Digest };
  if (tag === undefined && digest === undefined)
    throw usage(
      `'${text}' names neither a tag nor a digest`,
      `For the tag latest, write ${text}:latest`,
    );
  return { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The digest of a blob that `REPO@DIGEST` names. */
export function blobDigest(text: string): Digest {
  const location = parseLocation(text);
  const digest =
    location.transport === "docker"
      ? location.reference.digest
      : "digest" in location
        ? location.digest
        : undefined;
  if (digest === undefined) throw usage(`'${text}' names no digest`, "A blob is REPO@sha256:…");
  return digest;
}

/** The manifest for a platform. */
export async function platformOf(
  store: Pick<Source, "resolve" | "fetchManifest" | "fetchBlob">,
  reference: string,
  platform: string,
  signal: AbortSignal,
): Promise<Descriptor> {
  const [{ selectPlatform }, { parsePlatform }] = await Promise.all([
    import("../image/platforms.ts"),
    import("../reference/platform.ts"),
  ]);
  return selectPlatform(store, reference, parsePlatform(platform), { signal });
}

function repositoryOf(location: Location): string {
  if (location.transport === "docker")
    return `${location.reference.registry}/${location.reference.repository}`;
  if (location.transport === "docker-daemon") return `docker-daemon:${location.reference}`;
  return `${location.transport}:${location.path}`;
}
