/**
 * `/_sandbox/snapshots`: POST takes one (`{"name": …}`, or a number for a name), GET lists them; below it `NAME` is downloaded,
 * put there (a file from elsewhere) and deleted; POST to `NAME/restore` makes everything as it was.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

import { isError } from "../../errors.ts";
import { isObject } from "../../reference/fields.ts";
import { readBody } from "../body.ts";
import { type SnapshotShelf, snapshotName } from "./shelf.ts";
import { isSnapshot } from "./snapshot.ts";

export interface SnapshotParts {
  readonly shelf: SnapshotShelf;
  take(): Promise<Uint8Array>;
  restore(snapshot: Uint8Array): Promise<void>;
}

/** Bytes of a snapshot that is uploaded, and of all that are at the same time. */
const limit = 2 ** 30;

/** @returns whether the request was for snapshots, and has been answered */
export function createSnapshotRoutes({ shelf, take, restore }: SnapshotParts) {
  let count = 0;
  /** Bytes that uploads at work may still come to. */
  let uploading = 0;
  return async function snapshots(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const [, inside] = /^\/_sandbox\/snapshots(?:\/(.*))?$/.exec(path) ?? [path];
    if (!/^\/_sandbox\/snapshots(\/|$)/.test(path)) return false;
    const [name = "", verb, ...rest] = (inside ?? "").replace(/\/$/, "").split("/");
    const known = rest.length === 0 && (verb === undefined || verb === "restore");
    const method = request.method === "HEAD" ? "GET" : request.method;
    const asked = known
      ? `${method} ${name === "" ? "" : verb === undefined ? "NAME" : "NAME/restore"}`.trim()
      : "";
    if (name !== "" && !snapshotName.test(name))
      return refuse(400, `'${name}' is no name for a snapshot`);
    switch (asked) {
      case "GET":
        return answer(200, { snapshots: await shelf.list() });
      case "POST": {
        const named = await nameIn(request);
        if (named === null)
          return refuse(400, 'the body must be nothing, or {"name": "letters, digits, . _ -"}');
        const snapshot = await take();
        const key = named ?? (await free());
        return put(key, snapshot);
      }
      case "GET NAME": {
        const snapshot = await shelf.get(name);
        return snapshot ? send(200, "application/vnd.sqlite3", snapshot) : missing();
      }
      case "PUT NAME": {
        const most = Number(request.headers["content-length"] ?? limit);
        if (most > limit) {
          request.resume();
          return refuse(413, "a snapshot that is uploaded has at most 1 GiB");
        }
        if (uploading + most > limit) {
          request.resume();
          return refuse(503, "other snapshots are being uploaded");
        }
        uploading += most;
        try {
          const snapshot = await readBody(request, most);
          if (!snapshot) return refuse(413, "a snapshot that is uploaded has at most 1 GiB");
          if (!isSnapshot(snapshot)) return refuse(400, "this is no snapshot of a sandbox");
          return await put(name, snapshot);
        } finally {
          uploading -= most;
        }
      }
      case "DELETE NAME":
        return (await shelf.delete(name)) ? send(204) : missing();
      case "POST NAME/restore": {
        const snapshot = await shelf.get(name);
        if (!snapshot) return missing();
        try {
          await restore(snapshot);
        } catch (error) {
          if (isError(error, "LAYOUT_INVALID")) return refuse(400, error.message);
          throw error;
        }
        return answer(200, { name, size: snapshot.byteLength });
      }
    }
    return refuse(404, `the sandbox's control knows no ${request.method} ${path}`);

    async function put(key: string, snapshot: Uint8Array): Promise<boolean> {
      try {
        await shelf.put(key, snapshot);
      } catch (error) {
        if (isError(error, "USAGE")) return refuse(507, error.message);
        throw error;
      }
      return answer(201, { name: key, size: snapshot.byteLength });
    }

    function missing() {
      return refuse(404, `there is no snapshot '${name}'`);
    }

    function refuse(status: number, message: string): boolean {
      return answer(status, { message });
    }

    function answer(status: number, content: unknown): boolean {
      return send(status, "application/json", Buffer.from(JSON.stringify(content)));
    }

    function send(status: number, type?: string, bytes?: Uint8Array): boolean {
      response.writeHead(status, {
        ...(type !== undefined && { "content-type": type }),
        ...(bytes && { "content-length": bytes.byteLength }),
      });
      response.end(request.method === "HEAD" ? undefined : bytes);
      return true;
    }
  };

  async function free(): Promise<string> {
    const taken = new Set((await shelf.list()).map(({ name }) => name));
    do count += 1;
    while (taken.has(String(count)));
    return String(count);
  }
}

/** Undefined where none is wanted, null for a body that is wrong. */
async function nameIn(request: IncomingMessage): Promise<string | undefined | null> {
  const bytes = await readBody(request, 1024);
  if (!bytes) return null;
  if (bytes.byteLength === 0) return undefined;
  try {
    const content: unknown = JSON.parse(bytes.toString());
    if (!isObject(content)) return null;
    const { name, ...others } = content;
    if (Object.keys(others).length > 0) return null;
    if (name === undefined) return undefined;
    return typeof name === "string" && snapshotName.test(name) ? name : null;
  } catch {
    return null;
  }
}
