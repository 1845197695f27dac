/** One request and its answer, as the end-points see them. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { WharfError } from "../errors.ts";
import type { Digest } from "../reference/descriptor.ts";
import type { Repository, RepositoryCollection } from "../store/store.ts";
import { Refusal } from "./refusal.ts";

/** What a request wants to do, in the words of the token protocol's scopes. */
export interface Access {
  readonly type: "repository" | "registry";
  /** The repository; `catalog` for the registry's list of repositories. */
  readonly name: string;
  readonly actions: readonly ("pull" | "push" | "delete" | "*")[];
  /** Where a blob is to be mounted from: `pull` there is worth asking for, but the request can go on without. */
  readonly from?: string;
}

/** What a request is let in with. */
export interface Permit {
  /** Name, for logs and notifications; absent where nobody has signed in. */
  readonly user?: string;
  /** Whether the same caller may pull from a repository too: asked where blobs are mounted. */
  mayPull(repository: string): boolean;
  /** Whether the catalogue shows a repository to the caller. */
  maySee(repository: string): boolean;
}

/** What happened to content. */
export interface RegistryEvent {
  readonly action: "push" | "pull" | "mount" | "delete";
  readonly kind: "manifest" | "blob" | "tag";
  readonly repository: string;
  /** Absent where a tag was deleted. */
  readonly digest?: Digest;
  readonly tag?: string;
  /** Repository that a blob was mounted from. */
  readonly from?: string;
  readonly mediaType?: string;
  /** Bytes. */
  readonly size?: number;
  /** Name of whoever asked, where somebody has signed in. */
  readonly user?: string;
  readonly request: IncomingMessage;
}

/** All of it may be left out. */
export interface RegistryOptions {
  /**
   * Decides whether a request may go on; without it everyone may do everything. `openAccess` makes one.
   * Called with undefined for `GET /v2/`, which only asks whether one is signed in. Where it gives no permit, it is asked
   * again for each repository that a blob may be mounted from, and the catalogue shows all.
   * @throws Refusal UNAUTHORIZED (with `www-authenticate` among its headers) or DENIED
   */
  authorize?(
    request: IncomingMessage,
    access: Access | undefined,
  ): void | Permit | Promise<void | Permit>;
  /** Whether a tag, once it is there, must go on naming what it names; refused with DENIED, also against races. */
  isImmutable?(repository: string, tag: string): boolean;
  /**
   * Told after a success; must not throw, and is not waited for. Of what changed content it is told before the client is
   * answered, of a pull after.
   */
  onEvent?(event: RegistryEvent): void;
  /** Told of failures that are ours, for the log; the client only learns that there was one. */
  onFailure?(error: unknown, request: IncomingMessage): void;
  /** Refuses everything that would change content. @default false */
  readonly readOnly?: boolean;
  /**
   * Accepts images whose configuration or layers are not there ("sparse" ones), as some mirrors want to keep them.
   * By default what can be pulled is whole; an index may lack platforms in any case.
   * @default false
   */
  readonly sparseImages?: boolean;
  /**
   * Largest manifest accepted, in bytes: the 4 MiB that the specification wants a registry to accept at least.
   * @default 4194304
   */
  readonly manifestLimit?: number;
  /**
   * Most entries of one page of tags or repositories; more go into further pages (`Link`). At 10,000, a page of the
   * longest tags is 1.3 MiB.
   * @default 10000
   */
  readonly pageLimit?: number;
  /** Milliseconds that a client may neither send nor take a byte of a body. @default 60000 */
  readonly idleTimeout?: number;
}

/** Bytes of an answer that the system may not take at once, so that they wait in our memory for the client to read. */
const largeAnswer = 64 << 10;

/** Everything that the end-points work with. */
export class Exchange {
  readonly collection: RepositoryCollection;
  readonly options: RegistryOptions;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** What the request was let in with; undefined where everybody may do everything. */
  permit: Permit | undefined;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  #gone: AbortController | undefined;
  #welcomed = false;

  constructor(
    collection: RepositoryCollection,
    options: RegistryOptions,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.collection = collection;
    this.options = options;
    this.request = request;
    this.response = response;
    const target = request.url ?? "/";
    const mark = target.indexOf("?");
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.#search = mark < 0 ? "" : target.slice(mark + 1);
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#search));
  }

  get idleTimeout(): number {
    return this.options.idleTimeout ?? 60_000;
  }

  /** Aborted when the client goes away before it has its answer. */
  get signal(): AbortSignal {
    if (!this.#gone) {
      const gone = new AbortController();
      this.#gone = gone;
      this.response.once("close", () => {
        if (!this.response.writableFinished)
          gone.abort(new WharfError("INTERRUPTED", "The client went away"));
      });
    }
    return this.#gone.signal;
  }

  /** Whether the client waits for leave to send its body (`Expect: 100-continue`), and has not got it. */
  get bodyUnwelcome(): boolean {
    return !this.#welcomed && this.request.headers.expect?.toLowerCase() === "100-continue";
  }

  /** Gives that leave; to be called when all that can be checked before has been. */
  welcomeBody(): void {
    if (this.bodyUnwelcome) this.response.writeContinue();
    this.#welcomed = true;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  repository(name: string): Repository {
    return this.collection.repository(name);
  }

  event(event: Omit<RegistryEvent, "request" | "user">): void {
    const user = this.permit?.user;
    const { request } = this;
    this.options.onEvent?.({ ...event, ...(user !== undefined && { user }), request });
  }

  /**
   * Sends the whole answer. For HEAD the body only gives its length.
   * @param headers names in lower case
   */
  reply(
    status: number,
    headers: Readonly<Record<string, string | number | readonly string[]>>,
    body?: Uint8Array,
  ): void {
    this.response.writeHead(status, {
      "docker-distribution-api-version": "registry/2.0",
      ...(status !== 204 && status !== 304 && { "content-length": body?.byteLength ?? 0 }),
      ...headers,
    });
    this.response.end(this.request.method === "HEAD" ? undefined : body);
    if (body && body.byteLength > largeAnswer)
      this.response.setTimeout(this.idleTimeout, () => this.response.destroy());
  }

  json(value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.reply(
      200,
      { "content-type": "application/json", ...headers },
      Buffer.from(JSON.stringify(value)),
    );
  }

  /** @throws Refusal where the parameter is missing */
  required(parameter: string): string {
    const value = this.query.get(parameter);
    if (!value) throw new Refusal("DIGEST_INVALID", `the parameter ${parameter} is missing`);
    return value;
  }
}
