/** Credentials that were given on the command line, before those of environment and files. */
import type { Credentials, CredentialSource } from "../auth/credentials.ts";
import { parseHost } from "../reference/hosts.ts";
import { usage } from "./flags.ts";

export class Explicit implements CredentialSource {
  readonly #words: readonly string[];
  readonly #given: Record<string, Credentials> = {};
  #source: Promise<CredentialSource> | undefined;

  /** @param words values of `--credentials` */
  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** User and password of a HOST that was written as a URL; they are for this host only. */
  readHost(host: string): void {
    const { registry, username, password } = parseHost(host);
    if (username !== undefined && password !== undefined)
      this.#given[registry] = { kind: "basic", username, password, origin: "the address" };
  }

  async find(registry: string, repository?: string): Promise<Credentials> {
    this.#source ??= this.#open();
    return this.#given[registry] ?? (await this.#source).find(registry, repository);
  }

  async #open(): Promise<CredentialSource> {
    const { findCredentials } = await import("../auth/credentials.ts");
    for (const word of this.#words) {
      const [registry, credentials] = await readPair(word);
      this.#given[registry] ??= credentials;
    }
    return findCredentials();
  }
}

/** `HOST=USER:PASSWORD`, or `HOST=@FILE` with `USER:PASSWORD` on the file's first line. */
async function readPair(word: string): Promise<[string, Credentials]> {
  const equals = word.indexOf("=");
  let pair = word.slice(equals + 1);
  if (equals > 0 && pair.startsWith("@")) {
    const { readFile } = await import("node:fs/promises");
    pair = (await readFile(pair.slice(1), "utf8")).split(/\r?\n/)[0]!;
  }
  const colon = pair.indexOf(":");
  if (equals < 1 || colon < 1)
    throw usage(
      "--credentials is HOST=USER:PASSWORD or HOST=@FILE",
      "The file holds USER:PASSWORD.",
    );
  const { registry } = parseHost(word.slice(0, equals));
  const [username, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  return [registry, { kind: "basic", username, password, origin: "--credentials" }];
}
