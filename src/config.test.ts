import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { loadConfig, registryUrl } from "./config.ts";
import type { Config, ConfigFlags, HostSettings } from "./config.ts";
import { isError } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";

const root = mkdtempSync(join(tmpdir(), "wharf-config-"));
after(() => rmSync(root, { recursive: true, force: true }));

let homes = 0;

/** A home and a system folder of its own for each configuration. */
function home(files: Readonly<Record<string, string>> = {}): string {
  const folder = join(root, String(homes++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function load(
  folder: string,
  environment: NodeJS.ProcessEnv = {},
  flags: ConfigFlags = {},
): Config {
  return loadConfig({
    environment: { HOME: folder, ...environment },
    flags,
    systemFolder: join(folder, "etc"),
  });
}

const place = ".config/wharfinger/config.yaml";
const withFile = (yaml: string, environment?: NodeJS.ProcessEnv, flags?: ConfigFlags) =>
  load(home({ [place]: yaml }), environment, flags);

function refuses(action: () => unknown, code: ErrorCode, ...messages: RegExp[]) {
  assert.throws(action, (error) => {
    assert.ok(isError(error, code), String(error));
    for (const message of messages) assert.match(`${error.message} ${error.hint}`, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

test("without any configuration nothing is said about a host", () => {
  const config = load(home());
  assert.deepEqual(config.hosts("docker.io"), {});
  assert.equal(config.debug, false);
  assert.deepEqual(config.timeouts, {});
  assert.equal(config.retries, undefined);
});

describe("plain http", () => {
  test("is automatic for loopback hosts only", () => {
    const config = load(home());
    for (const host of ["localhost", "localhost:5000", "127.0.0.2:1", "[::1]:5000", "a.localhost"])
      assert.deepEqual(config.hosts(host), { plainHttp: true }, host);
    for (const host of ["docker.io", "192.168.0.1:5000", "localhost.test"])
      assert.deepEqual(config.hosts(host), {}, host);
  });
  test("is not, where the file says otherwise or certificates mean TLS", () => {
    const config = withFile(
      "localhost:1: { plainHttp: false }\nlocalhost:2: { insecure: true }\nlocalhost:3: { ca: /a }",
    );
    assert.equal(config.hosts("localhost:1").plainHttp, false);
    assert.equal(config.hosts("localhost:2").plainHttp, undefined);
    assert.equal(config.hosts("localhost:3").plainHttp, undefined);
    const folders = load(home({ "etc/docker/certs.d/localhost:5000/ca.crt": "" }));
    assert.equal(folders.hosts("localhost:5000").plainHttp, undefined);
  });
  test("stays where an authority is named for all hosts", () => {
    assert.equal(load(home(), { WHARF_CA: "/ca" }).hosts("localhost:1").plainHttp, true);
  });
});

describe("the file", () => {
  test("is a map of hosts, with all that can be said about one", () => {
    const config = withFile(`
docker.io:
  url: http://127.0.0.1:5000/registry
  hubUrl: http://127.0.0.1:5000/hub
  authUrl: http://127.0.0.1:5001
  scoutUrl: http://127.0.0.1:5000/scout
registry.example:5000:
  plainHttp: true
  insecure: true
  ca: ca.pem
  cert: ~/me.cert
  key: /keys/me.key
  tokenRealms: [auth.example.com, https://login.example.com/token]
  concurrency: 3
  requestsPerSecond: 0.5
"[::1]:5000": { plainHttp: false }
`);
    assert.deepEqual(config.hosts("docker.io"), {
      url: "http://127.0.0.1:5000/registry",
      hubUrl: "http://127.0.0.1:5000/hub",
      authUrl: "http://127.0.0.1:5001",
      scoutUrl: "http://127.0.0.1:5000/scout",
    });
    const { ca, cert, ...rest } = config.hosts("registry.example:5000");
    assert.match(ca ?? "", /\.config\/wharfinger\/ca\.pem$/);
    assert.match(cert ?? "", /\d\/me\.cert$/);
    assert.deepEqual(rest, {
      plainHttp: true,
      insecure: true,
      key: "/keys/me.key",
      tokenRealms: ["auth.example.com", "https://login.example.com/token"],
      concurrency: 3,
      requestsPerSecond: 0.5,
    });
    assert.deepEqual(config.hosts("[::1]:5000"), { plainHttp: false });
  });
  test("may have its hosts below `hosts`, beside other settings", () => {
    const config = withFile(`
hosts:
  registry: { plainHttp: true }
timeouts: { connect: 500ms, headers: 2m, idle: 5 }
retries: 0
`);
    assert.equal(config.hosts("REGISTRY").plainHttp, true);
    assert.deepEqual(config.timeouts, { connect: 500, headers: 120_000, idle: 5000 });
    assert.equal(config.retries, 0);
  });
  test("may name Docker Hub, and any host, as it likes", () => {
    const config = withFile("Index.Docker.IO: { concurrency: 2 }\nGHCR.io:443: { concurrency: 4 }");
    for (const name of ["docker.io", "registry-1.docker.io", "index.docker.io"])
      assert.equal(config.hosts(name).concurrency, 2);
    assert.equal(config.hosts("ghcr.io").concurrency, 4);
  });
  test("may be empty, or JSON", () => {
    assert.deepEqual(withFile("").hosts("docker.io"), {});
    assert.deepEqual(withFile("# nothing\n").hosts("docker.io"), {});
    assert.deepEqual(withFile('{"a.b":{"insecure":true}}').hosts("a.b"), { insecure: true });
  });
  test("is found by flag, WHARF_CONFIG, XDG_CONFIG_HOME", () => {
    const folder = home({
      [place]: "a.b: { concurrency: 1 }",
      "xdg/wharfinger/config.yaml": "a.b: { concurrency: 2 }",
      "named.yaml": "a.b: { concurrency: 3 }",
      "flag.yaml": "a.b: { concurrency: 4 }",
    });
    const environment = { XDG_CONFIG_HOME: join(folder, "xdg") };
    const named = { ...environment, WHARF_CONFIG: join(folder, "named.yaml") };
    const flags = { config: join(folder, "flag.yaml") };
    assert.equal(load(folder).hosts("a.b").concurrency, 1);
    assert.equal(load(folder, environment).hosts("a.b").concurrency, 2);
    assert.equal(load(folder, named).hosts("a.b").concurrency, 3);
    assert.equal(load(folder, named, flags).hosts("a.b").concurrency, 4);
  });
  test("must be there when it is named", () => {
    const missing = join(home(), "x.yaml");
    refuses(
      () => load(home(), { WHARF_CONFIG: missing }).hosts("a.b"),
      "FILE_NOT_FOUND",
      /x\.yaml does not exist/,
    );
    const folder = home();
    refuses(
      () => load(folder, { WHARF_CONFIG: folder }).hosts("a.b"),
      "FILE_FAILED",
      /cannot be read: EISDIR/,
    );
  });
  test("is read when it is first asked for, and once", () => {
    const folder = home({ [place]: "a.b: { concurrency: 1 }" });
    const config = load(folder);
    assert.equal(config.debug, false);
    writeFileSync(join(folder, place), "a.b: { concurrency: 2 }\nc.d: { concurrency: 2 }");
    assert.equal(config.hosts("a.b").concurrency, 2);
    writeFileSync(join(folder, place), "a.b: { concurrency: 3 }\nc.d: { concurrency: 3 }");
    assert.equal(config.hosts("a.b").concurrency, 2);
    assert.equal(config.hosts("c.d").concurrency, 2);
    const broken = withFile("a.b: 1");
    refuses(() => broken.hosts("a.b"), "CONFIG_INVALID", /must be a map/);
    refuses(() => broken.hosts("c.d"), "CONFIG_INVALID", /must be a map/);
  });
});

describe("messages name file and field", () => {
  const cases: [yaml: string, ...messages: RegExp[]][] = [
    ["[1]", /config\.yaml: must be a map/],
    ["a: b: c", /config\.yaml: .*at line 1/],
    ["a.b: {}\na.b: {}", /config\.yaml: Map keys must be unique at line 2/],
    ["docker.io: {}\nindex.docker.io: {}", /index\.docker\.io: docker\.io is configured twice/],
    ["registry: {}", /"registry" is not known; hosts, timeouts, retries are.*below `hosts`/],
    ["a_b.c: {}", /config\.yaml: a_b\.c: is not a host/],
    ["a.b: 1", /config\.yaml: a\.b: must be a map of names to settings/],
    [
      "a.b: { plainHttps: true }",
      /a\.b: "plainHttps" is not known; url, hubUrl, authUrl, scoutUrl, plainHttp/,
    ],
    ["a.b: { toString: true }", /"toString" is not known/],
    ["a.b: { __proto__: { insecure: true } }", /"__proto__" is not known/],
    ["a.b: { plainHttp: yes }", /a\.b\.plainHttp: must be true or false, not "yes"/],
    ["a.b: { insecure: }", /a\.b\.insecure: must be true or false, not empty/],
    ["a.b: { url: example.com }", /a\.b\.url: must be an address .*, not "example\.com"/],
    ["a.b: { url: 'ftp://x.y' }", /a\.b\.url: must be an address/],
    ["a.b: { url: 'https://x.y?z' }", /a\.b\.url: must be an address/],
    ["a.b: { ca: [] }", /a\.b\.ca: must be text, not a list/],
    ["a.b: { key: x }", /a\.b\.key: there is no cert to it/],
    ["a.b: { tokenRealms: [a_b] }", /tokenRealms: must be a list of hosts/],
    ["a.b: { tokenRealms: {} }", /tokenRealms: must be a list of hosts.* not a map/],
    ["a.b: { concurrency: 0 }", /concurrency: must be a whole number from 1 to 1000, not 0/],
    ["a.b: { concurrency: 1.5 }", /concurrency: must be a whole number/],
    ["a.b: { requestsPerSecond: -1 }", /requestsPerSecond: must be a number above 0/],
    ["timeouts: { read: 1s }", /timeouts: "read" is not known; connect, headers, idle are/],
    ["timeouts: { idle: fast }", /timeouts\.idle: must be a time such as "500ms"/],
    ["retries: many", /retries: must be a whole number from 0 to 100, not "many"/],
    ["hosts: []", /hosts: must be a map/],
    [`a.b: ${"[".repeat(1e5)}`, /config\.yaml: /],
    ["x".repeat(2 ** 20 + 1), /has more than 1048576 bytes/],
  ];
  for (const [yaml, ...messages] of cases)
    test(yaml.slice(0, 60).replaceAll("\n", "; "), () => {
      refuses(() => withFile(yaml).hosts("docker.io"), "CONFIG_INVALID", ...messages);
    });
  test("but no password", () => {
    for (const url of ["https://me:hunter2@x.y", "https://me:hunter2@", "//me:hunter2@x.y"])
      refuses(
        () => withFile(`a.b: { url: '${url}' }`).hosts("x.y"),
        "CONFIG_INVALID",
        /^(?!.*hunter2)/,
      );
  });
  test("aliases that multiply are refused", () => {
    const levels = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 9; i++) {
      const [name, before] = ["abcdefghij"[i], "abcdefghij"[i - 1]];
      levels.push(`${name}: &${name} [${`*${before},`.repeat(9)}]`);
    }
    refuses(() => withFile(levels.join("\n")).hosts("a.b"), "CONFIG_INVALID", /alias/);
  });
});

describe("environment and flags", () => {
  test("name hosts", () => {
    const config = load(
      home(),
      { WHARF_PLAIN_HTTP: "a.b:1, http://c.d:2/", WHARF_CA: "/all.pem,a.b:1=/one.pem" },
      { insecure: ["e.f", "Index.Docker.io"], cert: ["e.f=/my.cert"], key: ["e.f=/my.key"] },
    );
    assert.deepEqual(config.hosts("a.b:1"), { plainHttp: true, ca: "/one.pem" });
    assert.deepEqual(config.hosts("c.d:2"), { plainHttp: true, ca: "/all.pem" });
    assert.deepEqual(config.hosts("a.b"), { ca: "/all.pem" });
    const own = { insecure: true, cert: "/my.cert", key: "/my.key", ca: "/all.pem" };
    assert.deepEqual(config.hosts("e.f"), own);
    assert.deepEqual(config.hosts("docker.io"), { insecure: true, ca: "/all.pem" });
  });
  test("say how long to wait", () => {
    const config = withFile("timeouts: { connect: 1s, idle: 1s }\nretries: 3", {
      WHARF_CONNECT_TIMEOUT: "5",
      WHARF_HEADERS_TIMEOUT: "1.5m",
      WHARF_RETRIES: "1",
    });
    assert.deepEqual(config.timeouts, { connect: 5000, headers: 90_000, idle: 1000 });
    assert.equal(config.retries, 1);
  });
  test("switch debugging", () => {
    for (const value of ["1", "true", "YES", "on"])
      assert.equal(load(home(), { WHARF_DEBUG: value }).debug, true);
    for (const value of ["", "0", "False", "no", "off"])
      assert.equal(load(home(), { WHARF_DEBUG: value }).debug, false);
    assert.equal(load(home(), { WHARF_DEBUG: "1" }, { debug: false }).debug, false);
    refuses(
      () => load(home(), { WHARF_DEBUG: "x" }).debug,
      "CONFIG_INVALID",
      /WHARF_DEBUG: must be/,
    );
  });
  test("are refused with their name", () => {
    const cases: [environment: NodeJS.ProcessEnv, message: RegExp][] = [
      [
        { WHARF_INSECURE: "1" },
        /WHARF_INSECURE: "1" is not a host .*WHARF_INSECURE=localhost:5000/,
      ],
      [{ WHARF_INSECURE: "true" }, /WHARF_INSECURE: "true" is not a host/],
      [{ WHARF_PLAIN_HTTP: "a_b" }, /WHARF_PLAIN_HTTP: "a_b" is not a host/],
      [{ WHARF_CERT: "/x" }, /WHARF_CERT: "\/x" does not say for which host/],
      [{ WHARF_KEY: "a.b=/x" }, /WHARF_KEY: there is no certificate to it/],
      [{ WHARF_IDLE_TIMEOUT: "never" }, /WHARF_IDLE_TIMEOUT: must be a time/],
      [{ WHARF_IDLE_TIMEOUT: "0" }, /WHARF_IDLE_TIMEOUT: must be a time/],
      [{ WHARF_RETRIES: "-1" }, /WHARF_RETRIES: must be a whole number/],
    ];
    for (const [environment, message] of cases)
      refuses(() => load(home(), environment).hosts("a.b"), "CONFIG_INVALID", message);
    refuses(
      () => load(home(), {}, { plainHttp: ["yes"] }).hosts("a.b"),
      "USAGE",
      /--plain-http: "yes" is not a host/,
    );
  });
});

test("flags count more than the environment, that more than the file, that more than folders", () => {
  const folder = home({
    [place]: "a.b: { ca: /file, concurrency: 7 }\nc.d: { ca: /file }\ne.f: { insecure: false }",
    "etc/containers/certs.d/a.b/x.crt": "",
    "etc/containers/certs.d/a.b/me.cert": "",
    "etc/containers/certs.d/a.b/me.key": "",
  });
  const config = load(
    folder,
    { WHARF_CA: "a.b=/environment,c.d=/environment", WHARF_INSECURE: "e.f" },
    { ca: ["a.b=/flag"] },
  );
  assert.deepEqual(config.hosts("a.b"), {
    ca: "/flag",
    concurrency: 7,
    cert: join(folder, "etc/containers/certs.d/a.b/me.cert"),
    key: join(folder, "etc/containers/certs.d/a.b/me.key"),
  });
  assert.equal(config.hosts("c.d").ca, "/environment");
  assert.equal(config.hosts("e.f").insecure, true);
});

test("files of flags and variables may stand below ~/, behind a host too, and hold a '='", () => {
  const folder = home();
  const config = load(
    folder,
    { WHARF_CERT: "a.b=~/me.cert", WHARF_KEY: "a.b=/k=1.pem" },
    { ca: ["~/ca.pem", "c.d=ca.pem"] },
  );
  assert.deepEqual(config.hosts("a.b"), {
    ca: join(folder, "ca.pem"),
    cert: join(folder, "me.cert"),
    key: "/k=1.pem",
  });
  assert.deepEqual(config.hosts("c.d"), { ca: "ca.pem" });
});

test("a certificate of one source never meets the key of another", () => {
  const folder = home({
    [place]: "a.b: { cert: /both.pem }",
    "etc/docker/certs.d/a.b/me.cert": "",
    "etc/docker/certs.d/a.b/me.key": "",
  });
  assert.deepEqual(load(folder).hosts("a.b"), { cert: "/both.pem", key: "/both.pem" });
});

describe("folders of certificates", () => {
  const settings = (files: readonly string[], registry: string): [HostSettings, string] => {
    const folder = home(Object.fromEntries(files.map((file) => [file, ""])));
    return [load(folder).hosts(registry), folder];
  };
  test("of docker and podman count, the user's before the system's", () => {
    for (const place of ["etc/docker", "etc/containers", ".config/containers"]) {
      const [{ ca }, folder] = settings([`${place}/certs.d/a.b:5000/ca.crt`], "a.b:5000");
      assert.equal(ca, join(folder, place, "certs.d/a.b:5000/ca.crt"));
    }
    const files = ["etc/docker/certs.d/a.b/ca.crt", ".config/containers/certs.d/a.b/ca.crt"];
    assert.match(settings(files, "a.b")[0].ca ?? "", /\.config\/containers/);
  });
  test("may hold several authorities", () => {
    const dir = "etc/docker/certs.d/a.b";
    const [found, folder] = settings([`${dir}/2.crt`, `${dir}/1.crt`, `${dir}/README`], "a.b");
    assert.deepEqual(found, {
      ca: join(folder, dir, "1.crt"),
      extraCa: [join(folder, dir, "2.crt")],
    });
  });
  test("are found under Docker Hub's other names", () => {
    const [{ ca }] = settings(["etc/docker/certs.d/registry-1.docker.io/x.crt"], "docker.io");
    assert.match(ca ?? "", /x\.crt$/);
  });
  test("must not hold half a pair", () => {
    for (const file of ["me.cert", "me.key"])
      refuses(
        () => settings([`etc/docker/certs.d/a.b/${file}`], "a.b"),
        "CONFIG_INVALID",
        /me\.(?:cert|key) is not beside it/,
      );
  });
  test("that are none are passed over", () => {
    assert.deepEqual(settings(["etc/docker/certs.d/a.b"], "a.b")[0], {});
  });
});

describe("docs/configuration.md", () => {
  const page = readFileSync(new URL("../docs/configuration.md", import.meta.url), "utf8");
  test("has examples that are valid files", () => {
    const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = ""]) => yaml);
    assert.equal(examples.length, 2);
    const [first, second] = examples.map((yaml) => withFile(yaml));
    assert.equal(first?.hosts("docker.io").url, "https://mirror.example.com/docker-hub");
    assert.equal(first?.hosts("[fd12::1]:5000").plainHttp, true);
    assert.deepEqual(first?.timeouts, { connect: 3000 });
    assert.equal(second?.hosts("registry").plainHttp, true);
  });
  test("names every field and variable that is read", () => {
    const known = (yaml: string) => {
      try {
        withFile(yaml).hosts("a.b");
      } catch (error) {
        return /is not known; ([\w, ]+) are/.exec((error as Error).message)?.[1]?.split(", ");
      }
      return undefined;
    };
    for (const field of known("a.b: { x: 1 }") ?? assert.fail())
      assert.match(page, new RegExp(`^\\| \`${field}\` +\\|`, "m"));
    for (const field of known("timeouts: { x: 1 }") ?? assert.fail())
      assert.match(page, new RegExp(`^\\| \`timeouts\\.${field}\` +\\|`, "m"));
    const asked = new Set<string>();
    const environment = new Proxy<NodeJS.ProcessEnv>(
      { HOME: home() },
      { get: (target, name) => (asked.add(String(name)), target[String(name)]) },
    );
    const config = loadConfig({ environment, systemFolder: home() });
    assert.equal(config.debug, false);
    config.hosts("a.b");
    const variables = [...asked].filter((name) => name.startsWith("WHARF_"));
    assert.equal(variables.length, 11);
    for (const name of variables) assert.ok(page.includes(`\`${name}\``), name);
  });
});

describe("where a registry is reached", () => {
  test("at its name, by https or plain http", () => {
    assert.equal(registryUrl("docker.io", {}).href, "https://registry-1.docker.io/");
    assert.equal(registryUrl("[::1]:5000", { plainHttp: true }).href, "http://[::1]:5000/");
  });
  test("at its url", () => {
    const url = (text: string) => registryUrl("docker.io", { url: text }).href;
    assert.equal(url("http://localhost:5000"), "http://localhost:5000/");
    assert.equal(url("https://a.b/proxy/v2/"), "https://a.b/proxy");
  });
  test("there with the settings of the connection, but not with its address", () => {
    const config = withFile(
      "docker.io: { url: https://mirror.b:1/x, ca: /ca, tokenRealms: [c.d], concurrency: 2 }",
    );
    assert.deepEqual(config.hosts("mirror.b:1"), { ca: "/ca", concurrency: 2, plainHttp: false });
    assert.deepEqual(config.hosts("mirror.b"), {});
    const sandbox = withFile("docker.io: { url: http://10.0.0.1:5000 }");
    assert.deepEqual(sandbox.hosts("10.0.0.1:5000"), { plainHttp: true });
  });
});
