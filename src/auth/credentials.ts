/** Who we say we are, and where that is written down. */
import { parseRegistry } from "../reference/hosts.ts";
import {
  type AuthFile,
  type AuthFileOptions,
  authFilePaths,
  entryCredentials,
  keysFor,
  parseAuthFile,
  readAuthText,
} from "./authFile.ts";
import { environmentCredentials } from "./environment.ts";
import { getFromHelper, type HelperOptions, helperServer } from "./helper.ts";

/** Where credentials were found, in words for people: `GITHUB_TOKEN`, `/home/me/.docker/config.json`. */
interface Found {
  readonly origin?: string;
}

/**
 * What is shown to a registry:
 * `basic`: user and password (or personal access token);
 * `identity`: a refresh token, which only the token service understands (OAuth2 POST);
 * `bearer`: a token that goes to the registry as it is;
 * `anonymous`: nothing.
 */
export type Credentials =
  | ({ readonly kind: "basic"; readonly username: string; readonly password: string } & Found)
  | ({ readonly kind: "identity"; readonly username?: string; readonly token: string } & Found)
  | ({ readonly kind: "bearer"; readonly token: string } & Found)
  | { readonly kind: "anonymous" };

/** Finds credentials for a registry. */
export interface CredentialSource {
  /**
   * @param registry as in a reference: `docker.io`, `localhost:5000`
   * @param repository for files that have credentials for part of a registry
   * @throws WharfError CONFIG_INVALID, FILE_FAILED, CREDENTIAL_HELPER_FAILED
   */
  find(registry: string, repository?: string): Promise<Credentials>;
}

export const anonymous = { kind: "anonymous" } as const satisfies Credentials;

/** The value of `Authorization` for user and password (RFC 7617), in UTF-8. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

export interface FindCredentialsOptions extends AuthFileOptions, HelperOptions {
  /** By registry: what flags or a URL said. Goes before all else. */
  readonly explicit?: Readonly<Record<string, Credentials>>;
}

/**
 * Credentials by precedence: given explicitly, the environment ({@link environmentCredentials}), `DOCKER_AUTH_CONFIG`
 * (the JSON of docker's file), docker's and podman's files with their helpers, anonymous.
 * Files are read, and helpers asked, when they are needed, and once.
 *
 * @example
 * const source = findCredentials({ explicit: { "ghcr.io": { kind: "basic", username: "me", password } } })
 * await source.find("docker.io", "library/nginx")
 */
export function findCredentials(options: FindCredentialsOptions = {}): CredentialSource {
  return new Finder(options);
}

class Finder implements CredentialSource {
  readonly #options: FindCredentialsOptions;
  readonly #environment = new Map<string, Credentials | undefined>();
  readonly #files = new Map<string, Promise<AuthFile | undefined>>();
  readonly #helpers = new Map<string, Promise<Credentials | undefined>>();

  constructor(options: FindCredentialsOptions) {
    this.#options = options;
  }

  async find(name: string, repository?: string): Promise<Credentials> {
    const registry = parseRegistry(name);
    return (
      this.#fromExplicit(registry) ??
      this.#fromEnvironment(registry) ??
      (await this.#fromFiles(registry, repository)) ??
      anonymous
    );
  }

  /** Read anew each time: a command may learn of credentials while it goes through its arguments. */
  #fromExplicit(registry: string): Credentials | undefined {
    const given = Object.entries(this.#options.explicit ?? {});
    return given.find(([name]) => name === registry || parseRegistry(name) === registry)?.[1];
  }

  #fromEnvironment(registry: string): Credentials | undefined {
    if (!this.#environment.has(registry)) {
      const { environment = process.env } = this.#options;
      this.#environment.set(registry, environmentCredentials(environment, registry));
    }
    return this.#environment.get(registry);
  }

  async #fromFiles(registry: string, repository?: string): Promise<Credentials | undefined> {
    const { environment = process.env } = this.#options;
    const inline = environment["DOCKER_AUTH_CONFIG"];
    const readers = [
      ...(inline ? [() => this.#read("DOCKER_AUTH_CONFIG", async () => inline)] : []),
      ...authFilePaths(this.#options).map(
        ({ path }) =>
          () =>
            this.#read(path, () => readAuthText(path)),
      ),
    ];
    for (const read of readers) {
      const file = await read();
      const found = file && (await this.#fromFile(file, registry, repository));
      if (found) return found;
    }
    return undefined;
  }

  async #fromFile(
    file: AuthFile,
    registry: string,
    repository?: string,
  ): Promise<Credentials | undefined> {
    for (const key of keysFor(registry, repository)) {
      const whole = key === registry;
      const helpers = [file.helpers.get(key), whole ? file.store : undefined];
      for (const helper of helpers) {
        if (helper === undefined) continue;
        const found = await this.#ask(helper, whole ? helperServer(registry) : key);
        if (found) return found;
      }
      const found = entryCredentials(file, key);
      if (found) return found;
    }
    return undefined;
  }

  #read(name: string, text: () => Promise<string | undefined>): Promise<AuthFile | undefined> {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = text().then((content) =>
        content === undefined ? undefined : parseAuthFile(content, name),
      );
      this.#files.set(name, file);
    }
    return file;
  }

  #ask(helper: string, server: string): Promise<Credentials | undefined> {
    const key = `${helper} ${server}`;
    let answer = this.#helpers.get(key);
    if (answer === undefined) {
      answer = getFromHelper(helper, server, this.#options);
      this.#helpers.set(key, answer);
    }
    return answer;
  }
}
