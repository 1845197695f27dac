import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";

import { digestOf } from "../reference/digest.ts";
import { startTestRegistry, type TestRegistry } from "./testing/registry.ts";

const text = "The quick brown fox jumps over the lazy dog";
const digest = digestOf(Buffer.from(text));

async function start(registry: TestRegistry, query = ""): Promise<string> {
  const answer = await registry.request("POST", `/v2/a/blobs/uploads/${query}`);
  assert.equal(answer.status, 202, answer.body.toString());
  return answer.headers.location!;
}

test("a blob goes up in two requests", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  const done = await registry.request("PUT", `${location}?digest=${digest}`, { body: text });
  assert.equal(done.status, 201);
  assert.equal(done.headers.location, `/v2/a/blobs/${digest}`);
  assert.equal(done.headers["docker-content-digest"], digest);
  assert.equal((await registry.request("GET", done.headers.location)).body.toString(), text);
});

test("a blob goes up in pieces, the last one with the last request or before", async (t) => {
  const registry = await startTestRegistry(t);
  for (const lastWithPut of [true, false]) {
    const location = await start(registry, "?digest-algorithm=sha256");
    const piece = (method: string, from: number, to: number, query = "") =>
      registry.request(method, location + query, {
        headers: { "content-range": `${from}-${to - 1}` },
        body: text.slice(from, to),
      });
    const first = await piece("PATCH", 0, 10);
    assert.deepEqual([first.status, first.headers.range], [202, "0-9"]);
    assert.equal((await registry.request("GET", location)).headers.range, "0-9");
    if (lastWithPut) {
      assert.equal((await piece("PUT", 10, text.length, `?digest=${digest}`)).status, 201);
    } else {
      assert.equal((await piece("PATCH", 10, text.length)).status, 202);
      assert.equal((await registry.request("PUT", `${location}?digest=${digest}`)).status, 201);
    }
    assert.equal((await registry.request("GET", location)).status, 404, "the upload is over");
  }
});

test("a piece without a place is appended", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  await registry.request("PATCH", location, { body: text.slice(0, 20) });
  const headers = { "transfer-encoding": "chunked" };
  const second = await registry.request("PATCH", location, { headers, body: text.slice(20) });
  assert.deepEqual([second.status, second.headers.range], [202, `0-${text.length - 1}`]);
  assert.equal((await registry.request("PUT", `${location}?digest=${digest}`)).status, 201);
});

test("a piece in the wrong place is refused, and the answer says where to go on", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  await registry.request("PATCH", location, { body: text.slice(0, 10) });
  for (const method of ["PATCH", "PUT"])
    for (const range of ["0-9", "11-20"]) {
      const answer = await registry.request(method, `${location}?digest=${digest}`, {
        headers: { "content-range": range },
        body: text.slice(0, 10),
      });
      assert.deepEqual([answer.status, answer.code], [416, "BLOB_UPLOAD_INVALID"]);
      assert.equal(answer.headers.range, "0-9");
      assert.equal(answer.headers.location, location);
    }
});

test("a piece must be as long as it says", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  for (const headers of [{ "content-range": "0-99" }, { "content-range": "nonsense" }])
    assert.equal((await registry.request("PATCH", location, { headers, body: text })).status, 400);
  const streamed = await registry.request("PATCH", location, {
    headers: { "content-range": "0-99", "transfer-encoding": "chunked" },
    body: text,
  });
  assert.deepEqual([streamed.status, streamed.code], [400, "SIZE_INVALID"]);
});

test("bytes that are not the digest's are not stored", async (t) => {
  const registry = await startTestRegistry(t);
  const requests = [
    async () =>
      registry.request("POST", `/v2/a/blobs/uploads/?digest=${digest}`, { body: "other" }),
    async () =>
      registry.request("PUT", `${await start(registry)}?digest=${digest}`, { body: "other" }),
  ];
  for (const request of requests) {
    const answer = await request();
    assert.deepEqual([answer.status, answer.code], [400, "DIGEST_INVALID"]);
    assert.equal((await registry.request("HEAD", `/v2/a/blobs/${digest}`)).status, 404);
  }
});

test("an upload that is cancelled is gone", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  assert.equal((await registry.request("DELETE", location)).status, 204);
  for (const method of ["GET", "PATCH", "PUT", "DELETE"]) {
    const answer = await registry.request(method, `${location}?digest=${digest}`);
    assert.equal(answer.status, 404, method);
    assert.equal(answer.code, "BLOB_UPLOAD_UNKNOWN");
  }
});

test("an upload belongs to its repository", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  assert.equal((await registry.request("GET", location.replace("/a/", "/b/"))).status, 404);
});

test("the last request must name the digest, and algorithms must be known", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  for (const query of ["", "?digest=", "?digest=x"])
    assert.equal((await registry.request("PUT", location + query)).code, "DIGEST_INVALID");
  const unknown = await registry.request("POST", "/v2/a/blobs/uploads/?digest-algorithm=md5");
  assert.deepEqual([unknown.status, unknown.code], [400, "DIGEST_INVALID"]);
});

test("what came before a client broke off is kept, and the upload goes on from there", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  const socket = connect(registry.port, "127.0.0.1");
  socket.write(`PATCH ${location} HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n`);
  socket.write(text.slice(0, 10));
  await settle(registry, location, "0-9");
  socket.destroy();
  const rest = await registry.request("PATCH", location, {
    headers: { "content-range": `10-${text.length - 1}` },
    body: text.slice(10),
  });
  assert.equal(rest.status, 202, rest.body.toString());
  assert.equal((await registry.request("PUT", `${location}?digest=${digest}`)).status, 201);
});

test("a request on an upload ends an older one that hangs", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  const socket = connect(registry.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`PATCH ${location} HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n`);
  socket.write(text.slice(0, 10));
  await settle(registry, location, "0-9");
  const rest = await registry.request("PATCH", location, { body: text.slice(10) });
  assert.equal(rest.headers.range, `0-${text.length - 1}`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 416 /);
  socket.destroy();
});

test("a client that stops sending is not waited for, and keeps its upload", async (t) => {
  const registry = await startTestRegistry(t, { idleTimeout: 50 });
  const location = await start(registry);
  const socket = connect(registry.port, "127.0.0.1");
  socket.write(`PATCH ${location} HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n`);
  socket.write(text.slice(0, 10));
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 408 /);
  socket.destroy();
  assert.equal((await registry.request("GET", location)).headers.range, "0-9");
});

test("a client that asks first is invited only where its body is wanted", async (t) => {
  const registry = await startTestRegistry(t);
  const location = await start(registry);
  const ask = async (path: string, body: string) => {
    const socket = connect(registry.port, "127.0.0.1");
    const head = [
      `PUT ${path}?digest=${digest} HTTP/1.1`,
      "host: x",
      "expect: 100-continue",
      "connection: close",
      `content-length: ${body.length}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      if (answer === "" && chunk.toString().startsWith("HTTP/1.1 100")) socket.write(body);
      answer += chunk.toString();
    });
    await once(socket, "close");
    return answer;
  };
  assert.match(await ask(location, text), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  assert.match(await ask("/v2/a/blobs/uploads/unknown", text), /^HTTP\/1\.1 404 /);
});

test("a refusal reaches a client that is still sending", async (t) => {
  const registry = await startTestRegistry(t);
  const body = Buffer.alloc(16 << 20);
  const answer = await registry.request("PATCH", "/v2/a/blobs/uploads/unknown", { body });
  assert.deepEqual([answer.status, answer.code], [404, "BLOB_UPLOAD_UNKNOWN"]);
  assert.equal(answer.headers.connection, "close");
});

/** Waits until the upload has got as far as its `Range`. */
async function settle(registry: TestRegistry, location: string, range: string): Promise<void> {
  for (;;) {
    const answer = await registry.request("GET", location);
    if (answer.headers.range === range) return;
  }
}
