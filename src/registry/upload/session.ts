/** One upload session: distribution-spec 1.1, "Pushing Blobs". */
import { WharfError } from "../../errors.ts";
import { responseError } from "../../http/errors.ts";
import type { HttpRequest, HttpResponse, StreamBody } from "../../http/http.ts";
import { redactUrl } from "../../http/redact.ts";
import { sameSite } from "../../http/sites.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import { name as nameOf, path } from "../../reference/path.ts";
import type { Cancellable, Upload } from "../../store/store.ts";
import { type Connection, pushing } from "../connection.ts";
import type { Place } from "../place.ts";

/** From this size on, bodies take the lane for bulk. */
export const bulkSize = 1024 * 1024;
/** Bytes that a registry hashes and moves in a millisecond, at the slowest: 10 MiB/s. */
const commitRate = 10 * 1024 * 1.024;

export class UploadSession implements Upload {
  readonly #connection: Connection;
  readonly #name: string;
  #place: Place;
  #size = 0;
  #appending = false;
  /** Bytes that a piece must have, but for the last (`OCI-Chunk-Min-Length`). */
  readonly smallestPiece: number;

  private constructor(connection: Connection, name: string, place: Place, smallestPiece = 0) {
    this.#connection = connection;
    this.#name = name;
    this.#place = place;
    this.smallestPiece = smallestPiece;
  }

  /** Opens a session. @throws WharfError UNAUTHORIZED, FORBIDDEN, LOCATION_REFUSED */
  static async start(
    connection: Connection,
    name: string,
    { algorithm = "sha256", signal }: Cancellable & { algorithm?: string } = {},
  ): Promise<UploadSession> {
    // What the digest will be is said only where it is not what everybody expects.
    const query =
      algorithm === "sha256" ? "" : `?digest-algorithm=${encodeURIComponent(algorithm)}`;
    const response = await connection.request({
      method: "POST",
      path: uploadsPath(name) + query,
      headers: { "content-length": "0" },
      scopes: pushing(name),
      // A session that nobody knows of expires.
      repeat: "always",
      ...(signal && { signal }),
    });
    return UploadSession.from(connection, name, response);
  }

  /** The session that a registry opened with its answer 202. */
  static async from(
    connection: Connection,
    name: string,
    response: HttpResponse,
  ): Promise<UploadSession> {
    if (response.status !== 202) {
      throw await responseError(response, { code404: "REPOSITORY_NOT_FOUND" });
    }
    await response.discard();
    const location = response.headers.get("location");
    if (location === undefined) {
      throw new WharfError(
        "RESPONSE_INVALID",
        `${response.method} ${redactUrl(response.url)}: the registry opened an upload but names no location`,
      );
    }
    const smallest = Number(response.headers.get("oci-chunk-min-length"));
    return new UploadSession(
      connection,
      name,
      connection.place(response, location),
      Number.isSafeInteger(smallest) && smallest > 0 ? smallest : 0,
    );
  }

  /** Continues a session of another process. @throws WharfError UPLOAD_UNKNOWN */
  static async open(
    connection: Connection,
    name: string,
    id: string,
    options: Cancellable = {},
  ): Promise<UploadSession> {
    const url = URL.canParse(id) ? new URL(id) : undefined;
    if (!url || !sameSite(url, connection.base)) {
      throw new WharfError(
        "UPLOAD_UNKNOWN",
        `${connection.registry}/${name}: no upload of this registry`,
      );
    }
    const session = new UploadSession(connection, name, { url, own: true });
    await session.ask(options);
    return session;
  }

  /** The session's address as it stands; it changes with each piece. */
  get id(): string {
    return this.#place.url.href;
  }

  get size(): number {
    return this.#size;
  }

  async append(
    body: AsyncIterable<Uint8Array>,
    { offset = this.#size, signal }: Cancellable & { offset?: number } = {},
  ): Promise<number> {
    if (offset !== this.#size || this.#appending) {
      const where = this.#appending ? "is being appended to" : `stands at byte ${this.#size}`;
      throw new WharfError(
        "UPLOAD_INVALID",
        `Upload ${where}; a piece from ${offset} does not fit`,
      );
    }
    this.#appending = true;
    let sent = 0;
    async function* counted() {
      for await (const chunk of body) {
        sent += chunk.byteLength;
        yield chunk;
      }
    }
    const piece = { replayable: false, open: async () => counted() };
    try {
      await this.patch(piece, () => sent, signal && { signal });
    } catch (error) {
      // Some of the piece may have come; who wants to go on must know how much.
      await this.ask(signal && { signal }).catch(() => undefined);
      throw error;
    } finally {
      this.#appending = false;
    }
    return this.#size;
  }

  async commit(digest: Digest, options: Cancellable = {}): Promise<Descriptor> {
    await this.put(digest, undefined, options);
    return { mediaType: "application/octet-stream", digest, size: this.#size };
  }

  async cancel(options: Cancellable = {}): Promise<void> {
    const response = await this.#send({ method: "DELETE", ...options });
    await response.discard();
  }

  /**
   * Sends a piece that begins at `size`, and moves `size` to where the registry stands then.
   * @param sent bytes of the piece once it is over
   */
  async patch(body: StreamBody, sent: () => number, { signal }: Cancellable = {}): Promise<void> {
    const begin = this.#size;
    const response = await this.#send({
      method: "PATCH",
      body,
      headers: {
        "content-type": "application/octet-stream",
        // A stream of unknown length has no end to state; the registry appends it.
        ...(body.size !== undefined &&
          body.size > 0 && { "content-range": `${begin}-${begin + body.size - 1}` }),
      },
      bulk: (body.size ?? bulkSize) >= bulkSize,
      ...(signal && { signal }),
    });
    // ECR answers 201.
    if (![200, 201, 202, 204].includes(response.status)) {
      throw await uploadError(response);
    }
    await this.#follow(response, begin + sent());
  }

  /** Asks how far the upload has come. @throws WharfError UPLOAD_UNKNOWN */
  async ask({ signal }: Cancellable = {}): Promise<number> {
    const response = await this.#send({ method: "GET", ...(signal && { signal }) });
    if (![200, 202, 204].includes(response.status)) {
      throw await uploadError(response);
    }
    await this.#follow(response, 0);
    return this.#size;
  }

  /**
   * Ends the upload, with the last bytes or all where `body` is given.
   * @throws WharfError DIGEST_INVALID, DIGEST_MISMATCH, UPLOAD_UNKNOWN
   */
  async put(
    digest: Digest,
    body: StreamBody | Uint8Array | undefined,
    { signal }: Cancellable = {},
  ): Promise<void> {
    parseDigest(digest);
    const length = body instanceof Uint8Array ? body.byteLength : (body?.size ?? 0);
    const whole = this.#size + length;
    const url = new URL(this.#place.url);
    // Appended as text: parsing the query and writing it again would change what the registry has signed.
    url.search += `${url.search === "" ? "?" : "&"}digest=${digest}`;
    const response = await this.#send(
      {
        method: "PUT",
        headers: {
          "content-type": "application/octet-stream",
          ...(length === 0 && { "content-length": "0" }),
          ...(length > 0 && this.#size > 0 && { "content-range": `${this.#size}-${whole - 1}` }),
        },
        ...(body && { body }),
        workTime: whole / commitRate,
        bulk: length >= bulkSize,
        ...(signal && { signal }),
      },
      url,
    );
    if (![200, 201, 202, 204].includes(response.status)) throw await commitError(response);
    await response.discard();
    this.#size = whole;
  }

  #send(request: Omit<HttpRequest, "url">, url = this.#place.url): Promise<HttpResponse> {
    const sends = request.method === "PATCH" || request.method === "PUT";
    return this.#connection.requestAt(
      { ...this.#place, url },
      // Whoever sends bytes asks the registry first what it has of them before it sends them again.
      { ...request, ...(sends && { repeat: "unsent", noRetry: [503] }) },
      pushing(this.#name),
    );
  }

  async #follow(response: HttpResponse, size: number): Promise<void> {
    await response.discard();
    const location = response.headers.get("location");
    if (location !== undefined) this.#place = this.#connection.place(response, location);
    const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get("range")?.trim() ?? "")?.[1];
    // `0-0` means one byte by the letter, and none to most registries, which have no other way to say so.
    if (end === undefined) this.#size = size;
    else this.#size = end === "0" && size !== 1 ? 0 : Number(end) + 1;
  }
}

export function uploadsPath(name: string): string {
  return path`${nameOf(name)}/blobs/uploads/`;
}

/** distribution calls an upload that it does not know, or no longer, invalid. */
async function uploadError(response: HttpResponse): Promise<WharfError> {
  const error = await responseError(response, { code404: "UPLOAD_UNKNOWN" });
  if (response.status !== 404 || error.code !== "UPLOAD_INVALID") return error;
  return new WharfError("UPLOAD_UNKNOWN", error.message, error.details);
}

/** The registry has hashed the bytes: what it says of them are mismatches, not of names. */
export async function commitError(response: HttpResponse): Promise<WharfError> {
  const error = await uploadError(response);
  const codes = error.details.registryErrors?.map(({ code }) => code) ?? [];
  const details = { ...error.details, cause: error };
  if (codes.includes("DIGEST_INVALID"))
    return new WharfError("DIGEST_MISMATCH", error.message, details);
  if (codes.includes("SIZE_INVALID"))
    return new WharfError("SIZE_MISMATCH", error.message, details);
  if (response.status === 413) {
    return new WharfError(error.code, error.message, {
      ...details,
      hint: "The registry, or a proxy before it, limits the size of requests: allow more there, or upload in pieces (`chunkSize`).",
    });
  }
  return error;
}
