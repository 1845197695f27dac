import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import { hostAddress, isLoopback, isPrivateAddress, parseHost, parseRegistry } from "./hosts.ts";

describe("a registry's name has one spelling", () => {
  const cases: [text: string, name: string][] = [
    ["docker.io", "docker.io"],
    ["index.docker.io", "docker.io"],
    ["Registry-1.Docker.IO", "docker.io"],
    ["registry-1.docker.io:5000", "registry-1.docker.io:5000"],
    ["ghcr.io:0443", "ghcr.io:443"],
    ["[::0:1]:5000", "[::1]:5000"],
    ["[::ffff:10.0.0.1]", "[::ffff:a00:1]"],
    ["LOCALHOST", "localhost"],
    ["Build", "Build"],
  ];
  for (const [text, name] of cases)
    test(text, () => {
      assert.equal(parseRegistry(text), name);
      assert.equal(parseRegistry(name), name);
    });

  test("or is none", () => {
    const bad = ["", "a_b", "a..b", "-a.b", "a.b-", "a:", "a:0", "a:65536", "a:b", "::1", "[::1"];
    for (const text of [...bad, "127.1", "0x7f000001", "1.2.3.256", "é.example", "a/b"])
      assert.throws(() => parseRegistry(text), /^WharfError: Registry/, text);
    for (const piece of ["a", "a-", ".", "[", ":"])
      assert.throws(() => parseRegistry(piece.repeat(1e6)), /^WharfError: Registry/);
  });
});

test("docker.io answers at registry-1.docker.io, others at their name", () => {
  assert.deepEqual(hostAddress("docker.io"), {
    host: "registry-1.docker.io",
    hostname: "registry-1.docker.io",
  });
  assert.equal(hostAddress("index.docker.io").host, "registry-1.docker.io");
  assert.deepEqual(hostAddress("[::1]:5000"), { host: "[::1]:5000", hostname: "::1", port: 5000 });
  assert.deepEqual(hostAddress("localhost:5000"), {
    host: "localhost:5000",
    hostname: "localhost",
    port: 5000,
  });
});

describe("HOST may be", () => {
  const docker = { registry: "docker.io", host: "registry-1.docker.io" };
  const cases: [text: string, parsed: object][] = [
    ["docker.io", docker],
    ["https://index.docker.io/v1/", { ...docker, scheme: "https" }],
    ["https://registry-1.docker.io/v2", { ...docker, scheme: "https" }],
    ["localhost:5000", { registry: "localhost:5000", host: "localhost:5000" }],
    ["HTTP://[::1]:80/", { registry: "[::1]", host: "[::1]", scheme: "http" }],
    ["https://a.test:443", { registry: "a.test", host: "a.test", scheme: "https" }],
    ["http://a.test:443", { registry: "a.test:443", host: "a.test:443", scheme: "http" }],
    [
      "https://me:se%2Fcret@a.test:8443/proxy/hub/",
      {
        registry: "a.test:8443",
        host: "a.test:8443",
        scheme: "https",
        pathPrefix: "/proxy/hub",
        username: "me",
        password: "se/cret",
      },
    ],
    ["me@a.test", { registry: "a.test", host: "a.test", username: "me" }],
    ["m:p@q:r@a.test", { registry: "a.test", host: "a.test", username: "m", password: "p@q:r" }],
    ["a.test/proxy/v2/", { registry: "a.test", host: "a.test", pathPrefix: "/proxy" }],
  ];
  for (const [text, parsed] of cases)
    test(text, () => {
      assert.deepEqual(parseHost(text), parsed);
    });
});

describe("HOST may not be", () => {
  const cases: [text: string, message: RegExp][] = [
    ["", /is not HOST or HOST:PORT/],
    ["ftp://a.test", /scheme "ftp"; http and https are known/],
    ["https://", /is not HOST/],
    ["a.test?x=1", /query or fragment/],
    ["a.test/#x", /query or fragment/],
    ["a.test/../x", /path that is not plain/],
    ["a.test/%2E%2e/x", /path that is not plain/],
    ["a.test//x", /path that is not plain/],
    ["a.test/a b", /path that is not plain/],
    ["https://me:%zz@a.test", /bad % escape/],
    ["/".repeat(1e6), /longer than 8192/],
  ];
  for (const [text, message] of cases)
    test(text.slice(0, 30) || "nothing", () => {
      assert.throws(
        () => parseHost(text),
        (error) => isError(error, "REFERENCE_INVALID") && message.test(error.message),
      );
    });

  test("and no message shows a password", () => {
    const secret = fc.string({
      unit: fc.constantFrom(..."ab/?#:%@[]. "),
      minLength: 1,
      maxLength: 6,
    });
    const rest = fc.constantFrom("", "a.test", "a_b", "a.test:x", "a.test/%", "a.test?", "/", "[");
    fc.assert(
      fc.property(
        fc.constantFrom("", "https://", "ftp://"),
        secret,
        rest,
        (scheme, noise, host) => {
          const password = `5ecret${noise}5ecret`;
          try {
            parseHost(`${scheme}me:${password}@${host}`);
          } catch (error) {
            assert.ok(isError(error, "REFERENCE_INVALID"), String(error));
            assert.doesNotMatch(error.message + error.hint, /5ecret/);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("addresses", () => {
  test("that are this machine", () => {
    for (const host of ["localhost", "LOCALHOST:5000", "a.localhost", "localhost.", "127.0.0.1"])
      assert.equal(isLoopback(host), true, host);
    for (const host of ["127.255.0.3:80", "::1", "[::1]", "[::1]:5000", "0:0:0:0:0:0:0:1", "127.1"])
      assert.equal(isLoopback(host), true, host);
    for (const host of ["localhost.test", "notlocalhost", "128.0.0.1", "::2", "127.0.0.1.test", ""])
      assert.equal(isLoopback(host), false, host);
  });
  const inside = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1:5000",
    "255.255.255.255",
    "224.0.0.1",
    "0x0a000001",
    "167772161",
    "::",
    "[::1]:5000",
    "fc00::1",
    "[fd12:3456::1]",
    "fe80::1%eth0",
    "febf::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "2002:a00:1::",
    "localhost",
  ];
  const outside = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "169.253.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "192.169.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "2002:101:101::",
    "fe00::1",
    "example.com",
    "10.example.com",
    "",
    "not an address",
  ];
  test("that are not on the public internet", () => {
    for (const host of inside) assert.equal(isPrivateAddress(host), true, host);
    for (const host of outside) assert.equal(isPrivateAddress(host), false, host);
  });
  test("are read without failing, whatever they are", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (host) => {
        assert.equal(typeof isPrivateAddress(host), "boolean");
        assert.ok(!isLoopback(host) || isPrivateAddress(host));
      }),
    );
  });
});
