import assert from "node:assert/strict";
import { test } from "node:test";

import { acceptsHost, isForeignWrite } from "./host.ts";

test("a loopback server answers to the names of the loopback interface, with any port", () => {
  for (const field of [
    "localhost",
    "localhost:5000",
    "LOCALHOST:5000",
    "registry.localhost",
    "127.0.0.1:5000",
    "127.1.2.3",
    "[::1]",
    "[::1]:5000",
    undefined,
  ])
    assert(acceptsHost(field, []), field);
});

test("it does not answer to names that others own", () => {
  for (const field of [
    "attacker.example",
    "attacker.example:5000",
    "localhost.attacker.example",
    "127.0.0.1.attacker.example",
    "10.0.0.1",
    "[2001:db8::1]:5000",
    "",
  ])
    assert(!acceptsHost(field, []), field);
});

test("it answers to names that it was told of", () => {
  assert(acceptsHost("registry.internal:5000", ["Registry.internal"]));
  assert(!acceptsHost("other.internal:5000", ["registry.internal"]));
});

test("what a page of another origin wants written is told by what the browser says of it", () => {
  const host = "localhost:5000";
  for (const headers of [
    { origin: "https://attacker.example" },
    { origin: "http://localhost:8080" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "http://localhost:5000" },
  ]) {
    assert(isForeignWrite("POST", { host, ...headers }), JSON.stringify(headers));
    assert(!isForeignWrite("GET", { host, ...headers }));
  }
  for (const headers of [
    {},
    { origin: "http://LOCALHOST:5000" },
    { "sec-fetch-site": "same-origin", origin: "https://before-the-proxy.example" },
    { "sec-fetch-site": "none" },
  ])
    assert(!isForeignWrite("PUT", { host, ...headers }), JSON.stringify(headers));
});
