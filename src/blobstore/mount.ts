/** Taking a blob over from another repository: distribution-spec 1.1, "Mounting a blob from another repository". */
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { responseError } from "../http/errors.ts";
import type { Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { checkRepositoryName } from "../reference/reference.ts";
import { type Connection, pulling, pushing } from "../registry/connection.ts";
import { UploadSession, uploadsPath } from "../registry/upload/session.ts";

/**
 * Unlike the mount of a copy, for which a push would do, this insists.
 * @throws WharfError UNSUPPORTED where the registry declines, because the blob is not there or for no reason
 */
export async function mount(
  connection: Connection,
  name: string,
  digest: Digest,
  from: string,
  { signal }: Cancellable = {},
): Promise<void> {
  parseDigest(digest);
  checkRepositoryName(from);
  const response = await connection.request({
    method: "POST",
    path: `${uploadsPath(name)}?mount=${digest}&from=${encodeURIComponent(from)}`,
    headers: { "content-length": "0" },
    repeat: "always",
    scopes: [...pushing(name), ...pulling(from)],
    ...(signal && { signal }),
  });
  if (response.status === 201) return response.discard();
  if (response.status >= 400) throw await responseError(response, { code404: "BLOB_NOT_FOUND" });
  // In place of the mount it opened an upload, which nobody will use.
  if (response.status === 202) {
    const session = await UploadSession.from(connection, name, response);
    await session.cancel({ signal: AbortSignal.timeout(3000) }).catch(() => {});
  } else await response.discard();
  throw new WharfError(
    "UNSUPPORTED",
    `${connection.registry}/${name}: the registry declined to mount ${digest} from ${from}`,
    { hint: "Is the blob there, and may you read it? Else push it." },
  );
}
