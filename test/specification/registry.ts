/** A registry as the scenarios see it: raw requests, and what they push again and again. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";

import {
  createClient,
  type TestAnswer,
  type TestClient,
} from "../../src/distribution/testing/client.ts";
import { type Descriptor, mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";

/** A manifest, as JSON has it. */
export interface ManifestDocument {
  readonly mediaType?: string;
  readonly [field: string]: unknown;
}

/** A registry that runs somewhere on this machine. */
export interface Subject {
  readonly port: number;
  /** Ends the server and starts another one with the same content; the port may change. */
  restart(): Promise<void>;
}

export class Registry {
  readonly #subject: Subject;
  #client: TestClient;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#client = createClient(subject.port);
  }

  /** Sends a request; one for a manifest accepts every kind, as clients do, where it does not say what. */
  request(...[method, path, options = {}]: Parameters<TestClient["request"]>): Promise<TestAnswer> {
    const headers = path.includes("/manifests/")
      ? { accept: kinds, ...options.headers }
      : (options.headers ?? {});
    return this.#client.request(method, path, { ...options, headers });
  }

  async restart(): Promise<void> {
    this.close();
    await this.#subject.restart();
    this.reconnect();
  }

  /** Goes on with new connections. */
  reconnect(): void {
    this.close();
    this.#client = createClient(this.#subject.port);
  }

  /** Ends the connections. */
  close(): void {
    this.#client.close();
  }

  /** Sends a head that promises `length` bytes, and hangs up after `body`. */
  async breakOff(method: string, path: string, body: Uint8Array, length: number): Promise<void> {
    const socket = connect(this.#subject.port, "127.0.0.1");
    socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`);
    socket.end(body);
    socket.resume();
    await once(socket, "close");
  }

  /** Begins an upload. @returns the path where it goes on */
  async startUpload(name: string, query = ""): Promise<string> {
    const answer = await this.request("POST", `/v2/${name}/blobs/uploads/${query}`, { body: "" });
    has(answer, 202);
    return locationOf(answer);
  }

  /** Pushes a blob in two requests. */
  async pushBlob(
    name: string,
    content: string | Uint8Array,
    algorithm: "sha256" | "sha512" = "sha256",
  ): Promise<Descriptor> {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes, algorithm);
    const location = await this.startUpload(
      name,
      algorithm === "sha256" ? "" : `?digest-algorithm=${algorithm}`,
    );
    has(await this.request("PUT", withQuery(location, { digest }), { body: bytes }), 201);
    return { mediaType: "application/octet-stream", digest, size: bytes.byteLength };
  }

  /** Puts a manifest; its own `mediaType` is the request's. */
  putManifest(name: string, reference: string, manifest: ManifestDocument): Promise<TestAnswer> {
    return this.request("PUT", `/v2/${name}/manifests/${reference}`, {
      headers: { "content-type": manifest.mediaType ?? mediaTypes.ociManifest },
      body: JSON.stringify(manifest),
    });
  }

  /** Pushes an image without layers, made different by `fields`. @returns its descriptor */
  async pushImage(name: string, reference?: string, fields: object = {}): Promise<Descriptor> {
    return this.push(name, image(await this.pushConfig(name), fields), reference);
  }

  /** Pushes a manifest that must be taken, by its digest where no tag is given. */
  async push(name: string, manifest: ManifestDocument, reference?: string): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(bytes);
    has(await this.putManifest(name, reference ?? digest, manifest), 201);
    const mediaType = manifest.mediaType ?? mediaTypes.ociManifest;
    return { mediaType, digest, size: bytes.byteLength };
  }

  async pushConfig(name: string): Promise<Descriptor> {
    const content = JSON.stringify({ os: "linux", architecture: "amd64" });
    return { ...(await this.pushBlob(name, content)), mediaType: configType };
  }
}

const { ociManifest, ociIndex, dockerManifest, dockerManifestList } = mediaTypes;
const kinds = [ociManifest, ociIndex, dockerManifest, dockerManifestList].join(", ");

export const configType = "application/vnd.oci.image.config.v1+json";
export const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";

export function image(config: Descriptor, fields: object = {}) {
  const { ociManifest: mediaType } = mediaTypes;
  return { schemaVersion: 2, mediaType, config, layers: [], ...fields };
}

export function index(manifests: readonly Descriptor[], fields: object = {}) {
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, ...fields };
}

/** The digest of something that nobody pushed. */
export const missing = digestOf(Buffer.from("pushed by nobody"));

/** Insists on a status, and shows what was said in its place. */
export function has(answer: TestAnswer, ...statuses: readonly number[]): void {
  assert(statuses.includes(answer.status), `${answer.status} ${answer.body.toString()}`);
}

/** Insists on a refusal in the envelope of the specification. */
export function refused(
  answer: TestAnswer,
  status: number | readonly number[],
  code: string,
): void {
  has(answer, ...[status].flat());
  const said = answer.body.toString();
  assert.match(answer.headers["content-type"] ?? "", /^application\/json\b/, said);
  assert(Array.isArray(answer.json.errors), said);
  for (const error of answer.json.errors) assert.equal(typeof error.code, "string", said);
  assert.equal(answer.code, code, said);
}

/** The path and query of a `Location`, which may be absolute or relative. */
export function locationOf({ headers }: TestAnswer): string {
  assert(headers.location, "no Location");
  const { pathname, search } = new URL(headers.location, "http://registry");
  return pathname + search;
}

/** Adds parameters to a location, which may have some of its own. */
export function withQuery(location: string, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  return location + (location.includes("?") ? "&" : "?") + query;
}
