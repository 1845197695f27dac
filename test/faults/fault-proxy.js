/** A proxy between a client and a registry that breaks what its rules tell it to break. */
import { once } from "node:events";
import { createServer, request as send } from "node:http";
/** @param upstream `HOST:PORT`, or what gives it for each request, for registries that move */
export async function startFaultProxy(upstream) {
  const rules = [];
  const seen = [];
  const host = typeof upstream === "string" ? () => upstream : upstream;
  const faultFor = (method, target) => {
    const due = rules.filter((entry) => {
      const { rule } = entry;
      if (rule.method !== undefined && rule.method !== method) return false;
      if (rule.path !== undefined && !rule.path.test(target)) return false;
      const { after = 0, times = 1 } = rule;
      entry.met += 1;
      return entry.met > after && entry.met <= after + times;
    });
    return due[0]?.rule.fault;
  };
  const server = createServer((request, response) => {
    const { method = "", url: target = "", headers } = request;
    const fault = faultFor(method, target);
    const about = { method, target, headers, status: 0, sent: 0, broken: !!fault };
    seen.push(about);
    request.on("error", () => {});
    response.on("error", () => {});
    request.on("data", (chunk) => (about.sent += chunk.length));
    if (fault?.instead) {
      response.on("finish", () => (about.status = response.statusCode));
      // Whoever takes over decides whether the body is read.
      request.pause();
      fault.instead(request, response);
    } else {
      relay(request, response, fault ?? {}, host(), about);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${server.address().port}`,
    seen,
    log: (path = /./) =>
      seen.filter(({ target }) => path.test(target)).map((one) => `${one.method} ${one.status}`),
    get broken() {
      return seen.filter(({ broken }) => broken).length;
    },
    add: (...more) => void rules.push(...more.map((rule) => ({ rule, met: 0 }))),
    clear() {
      rules.length = 0;
      seen.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
/** Passes one exchange on to the registry. */
function relay(request, response, fault, upstream, about) {
  const [hostname, port] = upstream.split(":");
  const { method, url: path, headers } = request;
  const onward = send({ hostname, port, method, path, headers, agent: false });
  const breakBoth = () => {
    onward.destroy();
    request.socket.resetAndDestroy();
  };
  onward.on("error", () => request.socket.destroy());
  response.on("close", () => {
    if (!response.writableFinished) onward.destroy();
  });
  let left = fault.cutRequest ?? Infinity;
  request.on("data", (chunk) => {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (left === 0) {
      request.pause();
      // The registry shall have what came before the cut.
      onward.write(part, () => setImmediate(breakBoth));
    } else if (!onward.write(part)) {
      request.pause();
      onward.once("drain", () => request.resume());
    }
  });
  request.on("end", () => onward.end());
  onward.on("response", (answer) => {
    const plain = { status: answer.statusCode ?? 0, headers: answer.headers };
    const head = fault.head?.(plain) ?? plain;
    if (fault.lost) {
      answer.resume().once("end", breakBoth);
      return;
    }
    about.status = head.status;
    response.writeHead(head.status, head.headers);
    response.flushHeaders();
    passBody(answer, response, fault, head);
  });
}
function passBody(answer, response, fault, head) {
  const { socket } = response;
  const { pace, body = (chunk) => chunk } = fault;
  const limit = fault.limit?.(head) ?? Infinity;
  const stop = () => {
    if (fault.ending === "reset") socket?.resetAndDestroy();
    if (fault.ending === "end") socket?.end();
  };
  let read = 0;
  if (limit === 0) return stop();
  answer.on("error", () => socket?.destroy());
  answer.on("data", (chunk) => {
    const whole = body(chunk, read);
    const part = whole.subarray(0, limit - read);
    read += whole.length;
    if (read >= limit) {
      answer.pause();
      // What came before shall leave before the connection breaks.
      response.write(part, () => setImmediate(stop));
    } else if (!response.write(part) && pace === undefined) {
      answer.pause();
      response.once("drain", () => answer.resume());
    } else if (pace !== undefined) {
      answer.pause();
      setTimeout(() => answer.resume(), part.length / pace);
    }
  });
  answer.on("end", () => {
    if (read < limit) response.end();
  });
}
