/** Credentials that were given on the command line, before those of environment and files. */
import type { Credentials, CredentialSource } from "../auth/credentials.ts";
import { parseHost } from "../reference/hosts.ts";
import { usage } from "./flags.ts";

export class Explicit implements CredentialSource {
  readonly #words: readonly string[];
  readonly #given = new Map<string, Credentials>();
  #reading: Promise<void> | undefined;
  #source: Promise<CredentialSource> | undefined;

  /** @param words values of `--credentials` */
  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** User and password of a HOST that was written as a URL; they are for this host only. */
  readHost(host: string): void {
    const { registry, username, password } = parseHost(host);
    if (username !== undefined && password !== undefined)
      this.#given.set(registry, { kind: "basic", username, password, origin: "the address" });
  }

  /**
   * Reads what `--credentials` says.
   * @throws WharfError USAGE, and what reading a file throws
   */
  check(): Promise<void> {
    return (this.#reading ??= this.#read());
  }

  /** What the command line says, if anything. */
  async given(registry: string): Promise<Credentials | undefined> {
    await this.check();
    return this.#given.get(registry);
  }

  async find(registry: string, repository?: string): Promise<Credentials> {
    const given = await this.given(registry);
    return given ?? (await (this.#source ??= openSource())).find(registry, repository);
  }

  async #read(): Promise<void> {
    for (const word of this.#words) {
      const [registry, credentials] = await readPair(word);
      if (!this.#given.has(registry)) this.#given.set(registry, credentials);
    }
  }
}

async function openSource(): Promise<CredentialSource> {
  const { findCredentials } = await import("../auth/credentials.ts");
  return findCredentials();
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
