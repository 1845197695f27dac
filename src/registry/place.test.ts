import assert from "node:assert/strict";
import { test } from "node:test";

import type { AuthorizedClient } from "../auth/client.ts";
import { isError } from "../errors.ts";
import type { HttpRequest, HttpResponse } from "../http/http.ts";
import { Connection } from "./connection.ts";
import { placeOf } from "./place.ts";

/** An answer from an address; nothing else of it is looked at. */
const from = (address: string) => ({ method: "POST", url: new URL(address) }) as HttpResponse;

const registry = new URL("https://registry.example.com/prefix/");
const answer = from("https://registry.example.com/prefix/v2/a/blobs/uploads/");

for (const [address, url, own] of [
  [
    "/v2/a/blobs/uploads/1?_state=a%3D%3D",
    "https://registry.example.com/v2/a/blobs/uploads/1?_state=a%3D%3D",
    true,
  ],
  ["1", "https://registry.example.com/prefix/v2/a/blobs/uploads/1", true],
  ["https://registry.example.com:443/x", "https://registry.example.com/x", true],
  ["https://uploads.example.com/x?sig=1%2B2", "https://uploads.example.com/x?sig=1%2B2", true],
  ["https://example.org/x", "https://example.org/x", false],
  ["//example.org/x", "https://example.org/x", false],
] as const) {
  test(`${address} leads ${own ? "to the registry's site" : "elsewhere"}`, () => {
    const place = placeOf(answer, address, registry);
    assert.equal(place.url.href, url);
    assert.equal(place.own, own);
  });
}

for (const [why, address] of [
  ["from https to http", "http://registry.example.com/x"],
  ["to a private address", "https://10.0.0.1/x"],
  ["to this machine", "https://localhost/x"],
  ["to the cloud's metadata", "https://169.254.169.254/latest"],
  ["to no web address", "ftp://registry.example.com/x"],
  ["to an address with credentials", "https://a:b@registry.example.com/x"],
  ["to nonsense", "https://"],
] as const) {
  test(`nobody is led ${why}`, () => {
    assert.throws(
      () => placeOf(answer, address, registry),
      (error) => isError(error, "LOCATION_REFUSED") && !error.message.includes("a:b"),
    );
  });
}

test("a registry on this machine may name another port of it", () => {
  const local = new URL("http://127.0.0.1:5000/");
  assert.equal(
    placeOf(from("http://127.0.0.1:5000/v2/"), "http://127.0.0.1:5001/x", local).own,
    true,
  );
});

test("a host that only ends like the registry's is another site", () => {
  const place = placeOf(answer, "https://evil-example.com/", registry);
  assert.equal(place.own, false);
});

test("customers of one hoster are different sites", () => {
  const page = new URL("https://one.github.io/");
  assert.equal(placeOf(from(page.href), "https://two.github.io/x", page).own, false);
});

test("another site is told neither who we are nor, by a public registry, where we are", async () => {
  const requests: HttpRequest[] = [];
  const http = { request: async (request: HttpRequest) => void requests.push(request) };
  const client = { http } as unknown as AuthorizedClient;
  const connection = new Connection({ registry: "registry.example.com", base: registry, client });
  const place = placeOf(answer, "https://example.org/x", registry);
  await connection.requestAt(place, { method: "PUT" }, []);
  assert.deepEqual(requests, [{ method: "PUT", url: place.url, namedBy: registry }]);
});
