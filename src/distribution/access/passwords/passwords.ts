/** Users and passwords: HTTP's Basic scheme (RFC 7617), checked against an htpasswd file. */
import type { IncomingMessage } from "node:http";

import { Refusal } from "../../refusal.ts";
import { type Authentication, authorizationOf, type Caller } from "../caller.ts";
import { Remembered } from "../remembered.ts";
import { WatchedFile, type WatchOptions } from "../watchedFile.ts";
import { type PasswordFile, parsePasswords } from "./htpasswd.ts";
import { PasswordThreads } from "./threads.ts";

/** Milliseconds for which a password that was right is not compared again: a push has a hundred requests. */
const memory = 5 * 60_000;
const memoryLimit = 10_000;

/** How passwords are compared. */
export interface Comparer {
  compare: PasswordThreads["compare"];
  close(): Promise<void>;
}

/** A comparison under way, and the requests that wait for it. */
interface Flight {
  readonly requests: IncomingMessage[];
  readonly matches: Promise<boolean>;
}

export class Passwords implements Authentication {
  readonly #file: WatchedFile<PasswordFile>;
  readonly #comparer: Comparer;
  readonly #right: Remembered<true>;
  readonly #clock: () => number;
  readonly #flights = new Map<string, Flight>();

  /**
   * @param path file of users, read again when it changes
   * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, CONFIG_INVALID
   */
  static async open(
    path: string,
    options: WatchOptions = {},
    comparer: Comparer = new PasswordThreads(),
  ): Promise<Passwords> {
    return new Passwords(await WatchedFile.open(path, parsePasswords, options), options, comparer);
  }

  private constructor(
    file: WatchedFile<PasswordFile>,
    { clock = () => performance.now() }: WatchOptions,
    comparer: Comparer,
  ) {
    this.#file = file;
    this.#comparer = comparer;
    this.#clock = clock;
    this.#right = new Remembered(memoryLimit, clock);
  }

  async identify(request: IncomingMessage): Promise<Caller> {
    const credentials = credentialsOf(request);
    if (credentials === undefined) return {};
    const { user, password } = credentials;
    const { users, decoy } = await this.#file.current();
    const hash = users.get(user);
    // Those who are not there take as long as those who are.
    const matches = await this.#matches(request, user, password, hash ?? decoy);
    if (!matches || hash === undefined) throw refusal("user or password is wrong");
    return { user };
  }

  challenge(): Refusal {
    return refusal("user and password are wanted");
  }

  close(): Promise<void> {
    return this.#comparer.close();
  }

  async #matches(
    request: IncomingMessage,
    user: string,
    password: string,
    hash: string,
  ): Promise<boolean> {
    // With the hash in it, what was remembered is void once the file says otherwise.
    const name = this.#right.nameOf(user, password, hash);
    if (this.#right.get(name)) return true;
    let flight = this.#flights.get(name);
    if (flight) flight.requests.push(request);
    else {
      const requests = [request];
      const isWanted = () => requests.some(({ socket }) => !socket.destroyed);
      const matches = this.#comparer
        .compare({ password, hash }, isWanted)
        .finally(() => this.#flights.delete(name));
      flight = { requests, matches };
      this.#flights.set(name, flight);
    }
    const matches = await flight.matches;
    if (matches) this.#right.set(name, true, this.#clock() + memory);
    return matches;
  }
}

/** Undefined for those who bring none; some clients send an empty user and password in that case. */
function credentialsOf(
  request: IncomingMessage,
): { readonly user: string; readonly password: string } | undefined {
  const authorization = authorizationOf(request);
  if (authorization?.scheme !== "basic") return undefined;
  const text = Buffer.from(authorization.value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) throw refusal("user or password is wrong");
  const user = text.slice(0, colon);
  const password = text.slice(colon + 1);
  return user === "" && password === "" ? undefined : { user, password };
}

function refusal(message: string): Refusal {
  return new Refusal("UNAUTHORIZED", message, {
    headers: { "www-authenticate": 'Basic realm="Registry"' },
  });
}
