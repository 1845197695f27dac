import assert from "node:assert/strict";
import { test } from "node:test";
import type { Method } from "../http.ts";
import { parseHead } from "./head.ts";

const head = (text: string, method: Method = "GET") =>
  parseHead(text.replaceAll("\n", "\r\n"), method);

test("a head is its status, fields and the way its body ends", () => {
  const cases: [string, Method, string][] = [
    ["HTTP/1.1 200 OK\ncontent-length: 5", "GET", "length"],
    ["HTTP/1.1 200 OK\nContent-Length: 5\ncontent-length: 5", "GET", "length"],
    ["HTTP/1.1 200 OK\ncontent-length: 0", "GET", "none"],
    ["HTTP/1.1 200 OK\ntransfer-encoding: Chunked", "GET", "chunked"],
    ["HTTP/1.1 200 OK\nconnection: close", "GET", "close"],
    ["HTTP/1.0 200 OK", "GET", "close"],
    ["HTTP/1.1 200 OK\ncontent-length: 5", "HEAD", "none"],
    ["HTTP/1.1 200 OK\ntransfer-encoding: chunked", "HEAD", "none"],
    ["HTTP/1.1 204 No Content", "GET", "none"],
    ["HTTP/1.1 304 Not Modified\ncontent-length: 5", "GET", "none"],
    ["HTTP/1.1 200 ", "GET", "close"],
    ["HTTP/1.1 200", "GET", "close"],
    ["HTTP/1.1 200 Tout va bien \xe9", "GET", "close"],
  ];
  for (const [text, method, kind] of cases)
    assert.equal(head(text, method).framing.kind, kind, text);
});

test("names of fields have no case, several lines of one are kept apart", () => {
  const { headers } = head("HTTP/1.1 200 OK\nLink: <a>\nX-Empty:\nlink:\t <b> \t");
  assert.equal(headers.get("LINK"), "<a>, <b>");
  assert.deepEqual(headers.getAll("link"), ["<a>", "<b>"]);
  assert.equal(headers.get("x-empty"), "");
  assert.equal(headers.get("absent"), undefined);
});

test("what could be read in two ways is refused", () => {
  const cases = [
    "HTTP/2 200 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 099 OK",
    "ICY 200 OK",
    " HTTP/1.1 200 OK",
    "HTTP/1.1 200 OK\ncontent-length: 5\ncontent-length: 6",
    "HTTP/1.1 200 OK\ncontent-length: 5, 6",
    "HTTP/1.1 200 OK\ncontent-length: +5",
    "HTTP/1.1 200 OK\ncontent-length: 0x5",
    "HTTP/1.1 200 OK\ncontent-length: 9999999999999999",
    "HTTP/1.1 200 OK\ncontent-length:",
    "HTTP/1.1 200 OK\ncontent-length: 5\ntransfer-encoding: chunked",
    "HTTP/1.1 200 OK\ntransfer-encoding: gzip, chunked",
    "HTTP/1.1 200 OK\ntransfer-encoding: chunked\ntransfer-encoding: chunked",
    "HTTP/1.0 200 OK\ntransfer-encoding: chunked",
    "HTTP/1.1 200 OK\nfolded: a\n b",
    "HTTP/1.1 200 OK\nspace : a",
    "HTTP/1.1 200 OK\n: a",
    "HTTP/1.1 200 OK\nno colon",
    "HTTP/1.1 200 OK\nnul: a\0b",
    "HTTP/1.1 200 OK\ncr: a\rb",
  ];
  for (const text of cases) {
    assert.throws(() => head(text), { name: "Failure", code: "CONNECTION_FAILED" }, text);
  }
});

test("a connection is kept for a second less than the host promises, and not at all where it says so", () => {
  const length = "\ncontent-length: 5";
  const cases: [string, number][] = [
    [`HTTP/1.1 200 OK${length}`, 4000],
    [`HTTP/1.1 200 OK${length}\nkeep-alive: timeout=5, max=100`, 4000],
    [`HTTP/1.1 200 OK${length}\nkeep-alive: timeout=1`, 0],
    [`HTTP/1.1 200 OK${length}\nkeep-alive: timeout=7200`, 60_000],
    [`HTTP/1.1 200 OK${length}\nconnection: Close`, 0],
    [`HTTP/1.0 200 OK${length}`, 0],
    [`HTTP/1.0 200 OK${length}\nconnection: keep-alive`, 4000],
    ["HTTP/1.1 200 OK", 0],
  ];
  for (const [text, keepAlive] of cases) assert.equal(head(text).keepAlive, keepAlive, text);
});
