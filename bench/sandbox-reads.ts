/** `sandbox-reads.ts URL PATH COUNT [TOKEN]`: so many GETs over eight connections, each with the next request when the last is answered. */
import { connect } from "node:net";

const [url = "", path = "", count = "0", token] = process.argv.slice(2);
const { hostname, port, host } = new URL(url);
const request = Buffer.from(
  `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${token ? `authorization: Bearer ${token}\r\n` : ""}\r\n`,
);
let left = Number(count);

/** Enough of HTTP for answers that tell their length, so that the client costs next to nothing. */
function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let missing = -1;
    let head = "";
    const next = () => {
      if (left === 0) return socket.end(resolve);
      left -= 1;
      socket.write(request);
    };
    socket.on("connect", next);
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      let rest = chunk;
      if (missing < 0) {
        head += chunk.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!head.startsWith("HTTP/1.1 200")) return reject(new Error(head.slice(0, end)));
        missing = Number(/content-length: (\d+)/i.exec(head)![1]);
        rest = chunk.subarray(chunk.byteLength - (head.length - end - 4));
        head = "";
      }
      missing -= rest.byteLength;
      if (missing > 0) return;
      missing = -1;
      next();
    });
  });
}

await Promise.all(Array.from({ length: 8 }, run));
