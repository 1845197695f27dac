import assert from "node:assert/strict";
import { test } from "node:test";
import { sameSite } from "./sites.ts";

test("hosts of one registrable domain are one site, by the public suffix list", () => {
  const cases: [string, string, boolean][] = [
    ["https://registry-1.docker.io", "https://auth.docker.io", true],
    ["https://ghcr.io", "https://ghcr.io:8443", true],
    ["https://a.example.co.uk", "https://b.example.co.uk", true],
    ["https://a.co.uk", "https://b.co.uk", false],
    ["https://docker.io", "https://docker.io.evil.test", false],
    ["https://docker.io", "https://notdocker.io", false],
    ["https://a.github.io", "https://b.github.io", false],
    ["https://a.docker.io", "http://a.docker.io", false],
    ["http://a.docker.io", "https://a.docker.io", false],
    ["http://localhost:5000", "http://localhost:5001", true],
    ["http://localhost:5000", "http://a.localhost:5000", false],
    ["http://127.0.0.1:5000", "http://127.0.0.1:5001", true],
    ["http://127.0.0.1:5000", "http://127.0.0.2:5000", false],
    ["http://[::1]:5000", "http://[::1]:5001", true],
    ["http://registry", "http://auth", false],
  ];
  for (const [a, b, same] of cases)
    assert.equal(sameSite(new URL(a), new URL(b)), same, `${a} ${b}`);
});
