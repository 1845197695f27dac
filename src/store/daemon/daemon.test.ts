import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, suite, test } from "node:test";

import { describeStore } from "../behaviours.ts";
import { bytesSource } from "../sources.ts";
import { createArchive, openArchive } from "../archive/archive.ts";
import {
  behaviourImage,
  dockerContent,
  gather,
  type Image,
  imageOf,
  layerOf,
  pushImage,
} from "../archive/testing/images.ts";
import { openDaemonSource, openDaemonTarget } from "./daemon.ts";

const folder = mkdtempSync(join(tmpdir(), "wharf-daemon-"));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

interface Running {
  readonly socket: string;
  readonly seen: string[];
}

/** A daemon that answers pings, and the rest as it is told. */
async function daemon(
  t: { after(close: () => unknown): void },
  answer: RequestListener,
): Promise<Running> {
  const socket = join(folder, `${count++}.sock`);
  const seen: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/_ping") return void response.end("OK");
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await listen(server, socket);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { socket, seen };
}

async function listen(server: Server, place: string | number): Promise<void> {
  server.listen(place);
  await once(server, "listening");
}

const image = imageOf([await layerOf({ hello: "x".repeat(70_000) })]);

const saved = () => savedAs("busybox:1.36", image);

async function savedAs(name: string, content: Image): Promise<Buffer> {
  const pipe = new PassThrough();
  const bytes = gather(pipe);
  const archive = await createArchive(pipe, "docker-archive", { names: [name] });
  await pushImage(archive, content);
  await archive.finish();
  pipe.end();
  return bytes;
}

suite("finding the daemon", () => {
  test("every socket that was tried is named, with what was wrong", async () => {
    const gone = join(folder, "gone.sock");
    await assert.rejects(openDaemonSource("busybox", { socket: gone }), {
      code: "DAEMON_UNREACHABLE",
      message: `No daemon answers: unix://${gone}: no such socket`,
    });
    const file = join(folder, "file.sock");
    writeFileSync(file, "");
    await assert.rejects(openDaemonTarget("busybox", { socket: file }), {
      message: `No daemon answers: unix://${file}: nobody listens`,
    });
  });

  test("a daemon that takes the connection and says nothing is given up", async (t) => {
    const socket = join(folder, `${count++}.sock`);
    const server = createServer(() => {});
    await listen(server, socket);
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await assert.rejects(openDaemonSource("busybox", { socket, pingTimeout: 20 }), {
      code: "DAEMON_UNREACHABLE",
      message: `No daemon answers: unix://${socket}: nothing was heard for 0.02 s`,
    });
    const signal = AbortSignal.abort();
    await assert.rejects(openDaemonSource("busybox", { socket, signal }), { code: "INTERRUPTED" });
  });

  test("what answers but is no daemon is none", async (t) => {
    const server = createServer((_, response) => void response.writeHead(404).end("<html>"));
    await listen(server, 0);
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    await assert.rejects(openDaemonSource("busybox", { socket: `tcp://127.0.0.1:${port}` }), {
      code: "DAEMON_UNREACHABLE",
      message: `No daemon answers: tcp://127.0.0.1:${port}: ping: <html> (404)`,
    });
  });
});

suite("behaviours", async () => {
  const { tag, image: held } = await dockerContent();
  const tar = await savedAs(tag, held);
  await describeStore(
    "an image of the daemon",
    async () => {
      const closers: (() => unknown)[] = [];
      const { socket } = await daemon(
        { after: (close) => void closers.push(close) },
        (_, response) => void response.end(tar),
      );
      const store = await openDaemonSource(tag, { socket });
      const close = async () => {
        await store.close();
        for (const each of closers) await each();
      };
      return { store, close };
    },
    { holds: [{ tag, image: behaviourImage(held) }] },
  );
});

suite("taking an image from the daemon", () => {
  test("it is read as a docker archive; a name without a tag means latest", async (t) => {
    const tar = await saved();
    const { socket, seen } = await daemon(t, (_, response) => void response.end(tar));
    const source = await openDaemonSource("busybox", { socket });
    t.after(() => source.close());
    const { digest } = image.config.descriptor;
    assert.equal((await source.resolve(digest)).digest, await source.only());
    const id = "0123456789ab";
    await (await openDaemonSource(id, { socket })).close();
    assert.deepEqual(seen, [
      "GET /images/docker.io/library/busybox:latest/get",
      `GET /images/${id}/get`,
    ]);
  });

  test("an image that the daemon does not have", async (t) => {
    const { socket } = await daemon(t, (_, response) => {
      response.writeHead(404).end('{"message":"No such image: busybox"}');
    });
    await assert.rejects(openDaemonSource("busybox", { socket }), {
      code: "MANIFEST_NOT_FOUND",
      message: `unix://${socket}: image busybox: No such image: busybox (404)`,
    });
  });

  test("a connection that breaks, and one that stops, in the middle", async (t) => {
    const tar = await saved();
    const broken = await daemon(t, (_, response) => {
      response.writeHead(200, { "content-length": tar.length });
      response.write(tar.subarray(0, 5000), () => response.destroy());
    });
    await assert.rejects(openDaemonSource("busybox", { socket: broken.socket }), {
      code: "DAEMON_UNREACHABLE",
      message: `unix://${broken.socket}: the daemon broke the connection`,
    });
    const stopped = await daemon(t, (_, response) => void response.write(tar.subarray(0, 5000)));
    await assert.rejects(openDaemonSource("busybox", { socket: stopped.socket, idleTimeout: 30 }), {
      code: "TIMEOUT",
    });
    const abort = new AbortController();
    const waiting = await daemon(t, (_, response) => {
      response.write(tar.subarray(0, 5000), () => abort.abort());
    });
    await assert.rejects(
      openDaemonSource("busybox", { socket: waiting.socket, signal: abort.signal }),
      { code: "INTERRUPTED" },
    );
  });

  test("what is no archive", async (t) => {
    const { socket } = await daemon(t, (_, response) => void response.end("hello"));
    await assert.rejects(openDaemonSource("busybox", { socket }), { code: "ARCHIVE_INVALID" });
  });
});

suite("loading an image into the daemon", () => {
  const loaded = '{"stream":"Loaded image: busybox:latest\\n"}\n';

  test("it streams as a docker archive under its whole name", async (t) => {
    let body: Promise<Buffer> | undefined;
    const { socket, seen } = await daemon(t, async (request, response) => {
      body = gather(request);
      await body;
      response.end(loaded);
    });
    const target = await openDaemonTarget("busybox", { socket });
    assert.ok(target.imagesOnly);
    await pushImage(target, image);
    await target.finish();
    await target.abort();
    assert.deepEqual(seen, ["POST /images/load?quiet=1"]);
    const archive = await openArchive(one(await body!), "docker-archive");
    t.after(() => archive.close());
    const { digest } = await archive.resolve("docker.io/library/busybox:latest");
    assert.equal(digest, await archive.only());
  });

  async function push(socket: string, more: object = {}): Promise<void> {
    const target = await openDaemonTarget("busybox", { socket, ...more });
    try {
      await pushImage(target, image);
      await target.finish();
    } finally {
      await target.abort();
    }
  }

  test("an error among the lines of the answer is one, although the status was 200", async (t) => {
    const { socket } = await daemon(t, async (request, response) => {
      response.write('{"stream":"Loading"}\n');
      await gather(request);
      response.end('{"errorDetail":{"message":"x"},"error":"no space left"}\n{"stream":"bye"}');
    });
    await assert.rejects(push(socket), {
      code: "REGISTRY_ERROR",
      message: `unix://${socket}: load: no space left`,
    });
  });

  test("a refusal before everything was sent", async (t) => {
    const said = '{"message":"read only"}';
    const { socket } = await daemon(t, (_, response) => {
      // As Go's servers do, the connection stays open for whoever still writes.
      response.writeHead(500, { "content-length": said.length }).write(said);
    });
    await assert.rejects(push(socket), {
      code: "REGISTRY_ERROR",
      message: `unix://${socket}: load: read only (500)`,
    });
  });

  test("a daemon that breaks the connection, or stops", async (t) => {
    const broken = await daemon(t, (request) => void request.once("data", () => request.destroy()));
    await assert.rejects(push(broken.socket), {
      code: "DAEMON_UNREACHABLE",
      message: `unix://${broken.socket}: the daemon broke the connection`,
    });
    const silent = await daemon(t, (request) => void request.resume());
    await assert.rejects(push(silent.socket, { idleTimeout: 30 }), { code: "TIMEOUT" });
  });

  test("giving up ends the request, so that the daemon loads nothing", async (t) => {
    let tell = (_complete: boolean): void => {};
    const ended = new Promise<boolean>((resolve) => (tell = resolve));
    const { socket } = await daemon(t, (request) => {
      request.resume().on("error", () => {});
      request.on("close", () => tell(request.complete));
    });
    const target = await openDaemonTarget("busybox", { socket });
    const [layer] = image.layers;
    await target.pushBlob(layer!.descriptor, bytesSource(layer!.bytes));
    await target.abort();
    assert.equal(await ended, false);
    await assert.rejects(target.finish(), { code: "INTERRUPTED" });
  });

  test("an aborted signal ends the wait for the daemon", async (t) => {
    const abort = new AbortController();
    const { socket } = await daemon(t, (request) => {
      request.resume().on("end", () => abort.abort());
    });
    await assert.rejects(push(socket, { signal: abort.signal }), { code: "INTERRUPTED" });
  });

  test("an identifier is no name to load under", async () => {
    await assert.rejects(openDaemonTarget("0".repeat(64)), { code: "REFERENCE_INVALID" });
  });
});

async function* one(bytes: Uint8Array) {
  yield bytes;
}
