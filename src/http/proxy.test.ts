import assert from "node:assert/strict";
import { test } from "node:test";
import { proxiesOf } from "./proxy.ts";

/** The proxy for an address, `HOST:PORT`, in an environment. */
function proxyFor(environment: NodeJS.ProcessEnv, address: string): string | undefined {
  const proxy = proxiesOf(environment)(new URL(address));
  return proxy && `${proxy.hostname}:${proxy.port}`;
}

test("the scheme of the address chooses the variable, lower case first, ALL_PROXY last", () => {
  const both = { HTTP_PROXY: "http://a.test:1", https_proxy: "http://b.test:2" };
  assert.equal(proxyFor(both, "http://r.test/"), "a.test:1");
  assert.equal(proxyFor(both, "https://r.test/"), "b.test:2");
  const cases = { HTTPS_PROXY: "http://upper.test:1", https_proxy: "http://lower.test:1" };
  assert.equal(proxyFor(cases, "https://r.test/"), "lower.test:1");
  assert.equal(proxyFor({ ALL_PROXY: "c.test:3" }, "https://r.test/"), "c.test:3");
  assert.equal(proxyFor({ HTTPS_PROXY: "" }, "https://r.test/"), undefined);
  assert.equal(proxyFor({}, "https://r.test/"), undefined);
});

test("a proxy's address may lack scheme and port, and hold user and password", () => {
  assert.equal(proxyFor({ https_proxy: "p.test" }, "https://r.test/"), "p.test:80");
  assert.equal(proxyFor({ https_proxy: "https://p.test" }, "https://r.test/"), "p.test:443");
  assert.equal(proxyFor({ https_proxy: "http://[::1]:8080" }, "https://r.test/"), "::1:8080");
  const proxy = proxiesOf({ https_proxy: "http://me:p%40ss@p.test" })(new URL("https://r.test/"));
  assert.equal(proxy?.authorization, `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  assert.equal(proxy?.url.href, "http://p.test/");
});

test("an address of no use is named by its variable, not shown", () => {
  for (const value of ["socks5://me:secret@p.test", "http://me:secret@"]) {
    assert.throws(
      () => proxyFor({ https_proxy: value }, "https://r.test/"),
      (error: Error & { code?: string }) =>
        error.code === "CONFIG_INVALID" &&
        error.message.includes("https_proxy") &&
        !error.message.includes("secret"),
    );
  }
});

test("no_proxy exempts names, subdomains, addresses, ranges and ports", () => {
  const cases: [list: string, address: string, exempt: boolean][] = [
    ["*", "https://r.test/", true],
    ["r.test", "https://r.test/", true],
    ["r.test", "https://a.r.test/", true],
    ["r.test", "https://xr.test/", false],
    [".r.test", "https://a.r.test/", true],
    [".r.test", "https://r.test/", false],
    ["*.r.test", "https://a.r.test/", true],
    ["R.Test.", "https://r.test/", true],
    ["a.test, r.test", "https://r.test/", true],
    ["a.test r.test", "https://r.test/", true],
    ["r.test:443", "https://r.test/", true],
    ["r.test:5000", "https://r.test/", false],
    ["r.test:5000", "https://r.test:5000/", true],
    ["10.1.2.3", "http://10.1.2.3/", true],
    ["10.0.0.0/8", "http://10.1.2.3:5000/", true],
    ["10.0.0.0/8", "http://11.1.2.3/", false],
    ["fd00::/8", "http://[fd00::1]/", true],
    ["fd00::1", "http://[fd00::1]/", true],
    ["[fd00::1]:5000", "http://[fd00::1]:5000/", true],
    ["10.0.0.0/99", "http://10.1.2.3/", false],
    ["2.3", "http://10.1.2.3/", false],
  ];
  for (const [list, address, exempt] of cases) {
    const environment = { ALL_PROXY: "p.test", NO_PROXY: list };
    assert.equal(proxyFor(environment, address) === undefined, exempt, `${list} ${address}`);
  }
});

test("this machine is never asked for by proxy", () => {
  for (const host of ["localhost", "a.localhost", "127.0.0.1:5000", "127.9.9.9", "[::1]"]) {
    assert.equal(proxyFor({ ALL_PROXY: "p.test" }, `http://${host}/`), undefined, host);
  }
});
