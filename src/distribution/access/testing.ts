/** Files, clocks and requests for the tests of this folder. */
import type { IncomingMessage } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A file that goes with the test; @returns its path */
export async function temporaryFile(context: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-access-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "file");
  await writeFile(path, text);
  return path;
}

/** A clock that stands until it is moved; milliseconds. */
export function stoppedClock(start = 0) {
  let time = start;
  return { now: () => time, move: (by: number) => void (time += by) };
}

/** A request that brings this, on a connection that is open. */
export function requestWith(authorization?: string): IncomingMessage {
  return { headers: { authorization }, socket: { destroyed: false } } as never;
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
