/** What one call of `wharf dxf` works with. */
import type { BlobRegistry, BlobRegistryOptions } from "../../blobstore/registry.ts";
import type { AliasSource, BlobStore } from "../../blobstore/store.ts";
import { isError, WharfError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { isDigest, parseDigest } from "../../reference/digest.ts";
import { parseHost } from "../../reference/hosts.ts";
import { manifestLimit } from "../../reference/manifest.ts";
import type { Call } from "../call.ts";
import { readInput } from "../input.ts";
import { Bar } from "./bar.ts";
import type { DxfEnvironment } from "./environment.ts";

export class Session {
  /** What stands behind the repository. */
  readonly words: readonly string[];
  readonly environment: DxfEnvironment;
  readonly call: Call<{ readonly "keep-alias": boolean }>;
  readonly #repository: string | undefined;

  constructor(
    call: Session["call"],
    environment: DxfEnvironment,
    repository: string | undefined,
    words: readonly string[],
  ) {
    this.call = call;
    this.environment = environment;
    this.#repository = repository;
    this.words = words;
  }

  /** Ctrl-C, and the platform, for calls of the store. */
  get options() {
    return { signal: this.call.signal, platform: this.environment.platform };
  }

  /** @throws WharfError REFERENCE_INVALID */
  async store(): Promise<BlobStore> {
    const { BlobStore: Store } = await import("../../blobstore/store.ts");
    const store = new Store(
      this.#host,
      this.#repository ?? "",
      await this.#connecting<BlobStore>(),
    );
    this.call.onClose(() => store.close());
    return store;
  }

  async registry(): Promise<BlobRegistry> {
    const { BlobRegistry: Registry } = await import("../../blobstore/registry.ts");
    const registry = new Registry(this.#host, await this.#connecting<BlobRegistry>());
    this.call.onClose(() => registry.close());
    return registry;
  }

  /** Where `DXF_HOST` is, as the configuration file says it. */
  get #host(): string {
    const { host } = this.environment;
    const { registry, scheme } = parseHost(host);
    return (scheme === undefined && this.call.config.hosts(registry).url) || host;
  }

  async #connecting<Store extends BlobRegistry>(): Promise<BlobRegistryOptions<Store>> {
    const { config, output, signal } = this.call;
    const { options, token, login } = this.environment;
    return {
      ...options,
      ...(token !== undefined && { token }),
      ...(config.debug && { onTrace: await tracer(output) }),
      auth: (store, response) => store.authenticate({ ...login, response, signal }),
    };
  }

  /** Aliases to be read; where none is named, the manifest that standard input holds. */
  async aliases(): Promise<readonly AliasSource[]> {
    return this.words.length > 0 ? this.words : [await this.manifest()];
  }

  async manifest(): Promise<{ readonly manifest: Uint8Array }> {
    const { stdin, output } = this.call;
    if (stdin.isTTY) output.note("Reading a manifest from the terminal, until Ctrl-D");
    return { manifest: await readInput(this.call, "-", manifestLimit) };
  }

  /** A bar for a blob, where bars are wanted. */
  bar(digest: string, size: number): Bar | undefined {
    const { stderr, quiet } = this.call.output;
    const { progress = stderr.isTTY === true && !quiet } = this.environment;
    return progress ? new Bar(stderr, digest, size) : undefined;
  }

  /** Lines that are printed together, when all of them are known. */
  async print(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.call.output.line(line);
  }
}

async function tracer(output: Call["output"]) {
  const { formatTrace } = await import("../../http/trace.ts");
  return (event: Parameters<typeof formatTrace>[0]) => output.say(formatTrace(event));
}

/** The name behind the `@` of an `@ALIAS`. */
export function aliasIn(word: string): string | undefined {
  return word.startsWith("@") ? word.slice(1) : undefined;
}

/** What is written like a digest, whether or not there is such an algorithm: OCI image-spec 1.1, "Digests". */
const grammar = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;

/**
 * @throws WharfError DIGEST_INVALID; BLOB_NOT_FOUND for what does not even look like a digest: a registry would not know
 *   what is asked for
 */
export function digestIn(word: string): Digest {
  if (isDigest(word)) return word;
  try {
    parseDigest(word);
    return word;
  } catch (error) {
    if (!isError(error) || grammar.test(word)) throw error;
    throw new WharfError("BLOB_NOT_FOUND", error.message, {
      hint: "An alias is written @ALIAS, a digest sha256:….",
      cause: error,
    });
  }
}
