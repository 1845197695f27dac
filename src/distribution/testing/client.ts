/** A client that hides nothing of what a registry answers. */
import { Agent, type IncomingHttpHeaders, request as send } from "node:http";

import type { Descriptor } from "../../reference/descriptor.ts";

/** What may be in the bodies that a registry sends. */
interface AnswerBody {
  readonly name: string;
  readonly tags: readonly string[];
  readonly repositories: readonly string[];
  readonly mediaType: string;
  readonly schemaVersion: number;
  readonly manifests: readonly Descriptor[];
  readonly errors: readonly { code: string; message: string; detail?: unknown }[];
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: AnswerBody;
  /** Code of the first error in the envelope. */
  readonly code: string | undefined;
}

export interface TestClient {
  request(
    method: string,
    path: string,
    options?: { headers?: Record<string, string | string[]>; body?: string | Uint8Array },
  ): Promise<TestAnswer>;
  close(): void;
}

/** Speaks to a port of this machine. */
export function createClient(port: number): TestClient {
  const agent = new Agent({ keepAlive: true });
  return {
    request: (method, path, { headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const outgoing = send(
          { agent, host: "127.0.0.1", port, method, path, headers },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("error", reject);
            incoming.on("end", () =>
              resolve(answerOf(incoming.statusCode!, incoming.headers, chunks)),
            );
          },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function answerOf(status: number, headers: IncomingHttpHeaders, chunks: Buffer[]): TestAnswer {
  const body = Buffer.concat(chunks);
  return {
    status,
    headers,
    body,
    get json() {
      return JSON.parse(body.toString());
    },
    get code() {
      return JSON.parse(body.toString()).errors?.[0]?.code;
    },
  };
}
