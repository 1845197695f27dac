/**
 * `/_sandbox/snapshots`: POST takes one (`{"name": …}`, or a number for a name), GET lists them; below it `NAME` is downloaded,
 * put there (a file from elsewhere) and deleted; POST to `NAME/restore` makes everything as it was.
 */
import type { IncomingMessage } from "node:http";

import { isError } from "../../errors.ts";
import { isObject } from "../../reference/fields.ts";
import type { Answer } from "../answer.ts";
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

interface Call {
  readonly request: IncomingMessage;
  /** What stands for `NAME` of the route. */
  readonly name: string;
}

type Route = (call: Call) => Promise<Answer>;

/** @returns what answers a request; undefined for one that is not for snapshots */
export function createSnapshotRoutes({ shelf, take, restore }: SnapshotParts) {
  let count = 0;

  /** By method and what stands below `/_sandbox/snapshots`. */
  const routes: Readonly<Record<string, Route>> = {
    GET: async () => ({ status: 200, body: { snapshots: await shelf.list() } }),

    async POST({ request }) {
      const named = await nameIn(request);
      if (named === null)
        return refusal(400, 'the body must be nothing, or {"name": "letters, digits, . _ -"}');
      const snapshot = await take();
      return put(shelf, named ?? (await free()), snapshot);
    },

    async "GET NAME"({ name }) {
      const body = await shelf.get(name);
      if (!body) return missing(name);
      return { status: 200, headers: { "content-type": "application/vnd.sqlite3" }, body };
    },

    "PUT NAME": uploadTo(shelf),

    "DELETE NAME": async ({ name }) =>
      (await shelf.delete(name)) ? { status: 204 } : missing(name),

    async "POST NAME/restore"({ name }) {
      const snapshot = await shelf.get(name);
      if (!snapshot) return missing(name);
      try {
        await restore(snapshot);
      } catch (error) {
        if (isError(error, "LAYOUT_INVALID")) return refusal(400, error.message);
        throw error;
      }
      return { status: 200, body: { name, size: snapshot.byteLength } };
    },
  };

  return async function snapshots(request: IncomingMessage): Promise<Answer | undefined> {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const below = /^\/_sandbox\/snapshots(?:\/(.*))?$/.exec(path);
    if (!below) return undefined;
    const [name = "", ...verbs] = (below[1] ?? "").replace(/\/$/, "").split("/");
    if (name !== "" && !snapshotName.test(name))
      return refusal(400, `'${name}' is no name for a snapshot`);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const asked = [`${method}${name === "" ? "" : " NAME"}`, ...verbs].join("/");
    const route = Object.hasOwn(routes, asked) ? routes[asked] : undefined;
    if (route) return route({ request, name });
    return refusal(404, `the sandbox's control knows no ${request.method} ${path}`);
  };

  async function free(): Promise<string> {
    const taken = new Set((await shelf.list()).map(({ name }) => name));
    do count += 1;
    while (taken.has(String(count)));
    return String(count);
  }
}

/** Takes files from elsewhere, so many bytes at the same time. */
function uploadTo(shelf: SnapshotShelf): Route {
  /** Bytes that uploads at work may still come to. */
  let uploading = 0;
  return async ({ request, name }) => {
    const most = Number(request.headers["content-length"] ?? limit);
    if (most > limit || uploading + most > limit) {
      request.resume();
      return most > limit ? tooLarge : refusal(503, "other snapshots are being uploaded");
    }
    uploading += most;
    try {
      const snapshot = await readBody(request, most);
      if (!snapshot) return tooLarge;
      if (!isSnapshot(snapshot)) return refusal(400, "this is no snapshot of a sandbox");
      return await put(shelf, name, snapshot);
    } finally {
      uploading -= most;
    }
  };
}

async function put(shelf: SnapshotShelf, name: string, snapshot: Uint8Array): Promise<Answer> {
  try {
    await shelf.put(name, snapshot);
  } catch (error) {
    if (isError(error, "USAGE")) return refusal(507, error.message);
    throw error;
  }
  return { status: 201, body: { name, size: snapshot.byteLength } };
}

function refusal(status: number, message: string): Answer {
  return { status, body: { message } };
}

function missing(name: string): Answer {
  return refusal(404, `there is no snapshot '${name}'`);
}

const tooLarge = refusal(413, "a snapshot that is uploaded has at most 1 GiB");

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
