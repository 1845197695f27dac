/** Tells those who speak plain http to a server of https what is wrong; they would only see the connection end. */
import type { Server } from "node:https";
import type { Socket } from "node:net";

import { Refusal } from "../distribution/refusal.ts";

const envelope = new Refusal(
  "UNSUPPORTED",
  "this server speaks https, and the request came in plain http",
).envelope();
const head = [
  "HTTP/1.1 400 Bad Request",
  "content-type: application/json",
  `content-length: ${envelope.byteLength}`,
  "connection: close",
];
const answer = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), envelope]);

export function answerPlainHttp(server: Server): void {
  // A failed handshake tells of its own socket only, which cannot speak in the clear.
  const sockets = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const name = nameOf(socket);
    sockets.set(name, socket);
    socket.once("close", () => sockets.delete(name));
  });
  server.on("secureConnection", (socket) => sockets.delete(nameOf(socket)));
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ERR_SSL_HTTP_REQUEST") sockets.get(nameOf(socket))?.end(answer);
  });
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
