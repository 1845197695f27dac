/** A service that is told of events, on a free port. */
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";

import type { Envelope, Notification } from "../envelope.ts";

export interface TestReceiver {
  readonly url: URL;
  readonly port: number;
  /** All that came, also what was answered with an error. */
  readonly requests: readonly { readonly headers: IncomingHttpHeaders; readonly path: string }[];
  /** The events that were accepted, in their order. */
  readonly events: readonly Notification[];
  /** Resolves when so many were accepted. */
  received(count: number): Promise<void>;
  /** Resolves when so many requests came. */
  asked(count: number): Promise<void>;
}

/** How it answers; 200 where it says nothing. */
export type Answer = (
  response: ServerResponse,
  request: { readonly number: number; readonly event: Notification },
) => number | "never" | Promise<number | "never"> | undefined;

/** Ends with the test. @param port @default any free one */
export async function startReceiver(
  context: TestContext,
  answer: Answer = () => 200,
  port = 0,
): Promise<TestReceiver & { close(): Promise<void> }> {
  const events: Notification[] = [];
  const requests: { headers: IncomingHttpHeaders; path: string }[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const envelope = JSON.parse(Buffer.concat(chunks).toString()) as Envelope;
    requests.push({ headers: request.headers, path: request.url! });
    const event = envelope.events[0]!;
    const status = (await answer(response, { number: requests.length, event })) ?? 200;
    if (status === "never") return;
    response.statusCode = status;
    if (status < 300) events.push(...envelope.events);
    response.end("thanks");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  context.after(close);
  const bound = (server.address() as AddressInfo).port;
  return {
    url: new URL(`http://127.0.0.1:${bound}/hook/secret-path`),
    port: bound,
    requests,
    events,
    received: (count) => until(() => events.length >= count),
    asked: (count) => until(() => requests.length >= count),
    close,
  };
}

/** Looks until it is so, for twenty seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(20_000);
  while (!isSo()) await sleep(2, undefined, { signal: limit });
}
