/** Stands between a client and the sandbox, and keeps what both said, as it was on the wire. */
import { createServer, request as send, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Exchange {
  readonly method: string;
  /** Path and query, as Docker's description has them. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** JSON; undefined where there was none. */
  readonly body: unknown;
  readonly answer: {
    readonly status: number;
    /** Without parameters; empty where there is none. */
    readonly mediaType: string;
    readonly headers: IncomingHttpHeaders;
    /** JSON, or text; undefined where there was none. */
    readonly body: unknown;
  };
}

export interface Recorder {
  readonly url: string;
  readonly exchanges: Exchange[];
}

/** @param target the address to pass everything on to */
export async function startRecorder(context: TestContext, target: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const { port } = new URL(target);
  const server = createServer(async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const sent = Buffer.concat(await request.toArray());
    const passed = send({ host: "127.0.0.1", port, method, path: url, headers });
    passed.on("response", async (answer) => {
      const given = Buffer.concat(await answer.toArray());
      const { statusCode: status = 0, headers: said } = answer;
      const mediaType = (said["content-type"] ?? "").split(";")[0]!;
      exchanges.push({
        method,
        path: url.replace(/^\/hub/, ""),
        headers,
        body: read(sent, headers["content-type"] ?? ""),
        answer: { status, mediaType, headers: said, body: read(given, mediaType) },
      });
      response.writeHead(status, answer.rawHeaders).end(given);
    });
    passed.end(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exchanges };
}

function read(bytes: Buffer, mediaType: string): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = bytes.toString();
  return /json/.test(mediaType) ? (JSON.parse(text) as unknown) : text;
}
