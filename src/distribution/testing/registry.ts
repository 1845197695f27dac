/** A registry on a free port, and a client that hides nothing of what is sent. */
import assert from "node:assert/strict";
import { Agent, createServer, type IncomingHttpHeaders, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { type Descriptor, mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { createMemoryCollection } from "../../store/memory.ts";
import type { RepositoryCollection } from "../../store/store.ts";
import type { RegistryOptions } from "../exchange.ts";
import { createRegistryHandler } from "../handler.ts";

/** What may be in the bodies that the registry sends. */
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

export interface TestRegistry {
  readonly port: number;
  readonly collection: RepositoryCollection;
  request(
    method: string,
    path: string,
    options?: { headers?: Record<string, string | string[]>; body?: string | Uint8Array },
  ): Promise<TestAnswer>;
  /** Waits until nobody is connected. */
  idle(): Promise<void>;
  /** Pushes a blob and gives its descriptor. */
  pushBlob(name: string, content: string | Uint8Array): Promise<Descriptor>;
  /** Pushes an image without layers, made different by `label`, and gives its digest. */
  pushImage(name: string, reference: string, label?: string): Promise<string>;
}

/** Ends with the test. */
export async function startTestRegistry(
  context: TestContext,
  options: RegistryOptions & { collection?: RepositoryCollection } = {},
): Promise<TestRegistry> {
  const { collection = createMemoryCollection() } = options;
  const handler = createRegistryHandler(collection, options);
  const server = createServer(handler).on("checkContinue", handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const agent = new Agent({ keepAlive: true });
  context.after(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await collection.close();
  });
  const { port } = server.address() as AddressInfo;
  let connected = 0;
  let onIdle = () => {};
  server.on("connection", (socket) => {
    connected += 1;
    socket.once("close", () => {
      connected -= 1;
      if (connected === 0) onIdle();
    });
  });

  const request: TestRegistry["request"] = (method, path, { headers = {}, body } = {}) =>
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
    });

  const registry: TestRegistry = {
    port,
    collection,
    request,
    idle: () => new Promise((resolve) => (onIdle = resolve)),
    async pushBlob(name, content) {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      const answer = await request("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, {
        body: bytes,
      });
      assert.equal(answer.status, 201, answer.body.toString());
      return { mediaType: "application/octet-stream", digest, size: bytes.byteLength };
    },
    async pushImage(name, reference, label = "") {
      const config = await registry.pushBlob(name, "{}");
      const answer = await request("PUT", `/v2/${name}/manifests/${reference}`, {
        headers: { "content-type": mediaTypes.ociManifest },
        body: imageManifest({ config, annotations: { label } }),
      });
      assert.equal(answer.status, 201, answer.body.toString());
      return answer.headers["docker-content-digest"] as string;
    },
  };
  return registry;
}

/** The bytes of an image manifest; `fields` replace or add. */
export function imageManifest(fields: object): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    layers: [],
    ...fields,
  });
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
