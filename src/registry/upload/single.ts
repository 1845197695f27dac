/** A blob in one request: distribution-spec 1.1, "Single POST". */
import { isError } from "../../errors.ts";
import type { HttpResponse, StreamBody } from "../../http/http.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import type { Cancellable } from "../../store/store.ts";
import { statBlob } from "../blobs.ts";
import { type Connection, pushing } from "../connection.ts";
import { isCurable } from "../patience.ts";
import { commitError, UploadSession, uploadsPath } from "./session.ts";

/**
 * Bytes up to which a blob is held in memory, and offered in one POST before it is known whether the registry takes that:
 * if not, they were sent for nothing.
 */
export const smallSize = 64 * 1024;
/** Bytes up to which a blob goes in one POST where that is known to work: what is cut is sent again whole. */
const singleSize = 4 * 1024 * 1024;

/** Answers of registries that do not know the method. */
const declined: ReadonlySet<number> = new Set([202, 400, 404, 405, 411, 415, 501]);

/**
 * Tries to push a blob in one request, where the registry may take that; the first blob finds out.
 * @returns `stored`; else the session that the registry has opened instead, if it did
 */
export async function pushAtOnce(
  connection: Connection,
  name: string,
  { digest, size }: Descriptor,
  body: Uint8Array | StreamBody,
  cancellable: Cancellable = {},
): Promise<"stored" | UploadSession | undefined> {
  const { learned } = connection;
  const known = learned.singlePost;
  const limit = known === true ? singleSize : smallSize;
  if ((known !== true && known !== undefined) || size > limit) return undefined;
  learned.singlePost = known ?? "asking";
  let response: HttpResponse;
  try {
    response = await connection.request({
      method: "POST",
      path: `${uploadsPath(name)}?digest=${digest}`,
      headers: { "content-type": "application/octet-stream" },
      body,
      scopes: pushing(name),
      ...cancellable,
    });
  } catch (error) {
    learned.singlePost = known;
    if (!isCurable(error) && !(isError(error) && error.details.renewed)) throw error;
    return (await statBlob(connection, name, digest, cancellable)) && "stored";
  }
  const { status } = response;
  if (status === 201) {
    learned.singlePost = true;
    await response.discard();
    return "stored";
  }
  learned.singlePost = declined.has(status) ? false : known;
  if (status === 202) return UploadSession.from(connection, name, response);
  const error = await commitError(response);
  // Whether the name, the right or the digest is wrong, the ordinary way will say.
  if (declined.has(status) || isCurable(error)) return undefined;
  throw error;
}
