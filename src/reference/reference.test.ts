import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import {
  checkRepositoryName,
  checkTag,
  familiarReference,
  formatReference,
  isTag,
  parseReference,
  parseRepository,
  referenceLimit,
  withDefaultTag,
} from "./reference.ts";

const sha256 = `sha256:${"a1".repeat(32)}`;
const sha512 = `sha512:${"0f".repeat(64)}`;

function refused(text: string): { message: string; hint: string; code: string } {
  try {
    parseReference(text);
  } catch (error) {
    if (isError(error, "REFERENCE_INVALID", "DIGEST_INVALID"))
      return { message: error.message, hint: error.hint, code: error.code };
    throw error;
  }
  assert.fail(`${text.slice(0, 80)} was parsed`);
}

describe("what is left out is filled in as docker does", () => {
  const cases: [text: string, canonical: string, familiar: string][] = [
    ["nginx", "docker.io/library/nginx", "nginx"],
    ["nginx:1.27", "docker.io/library/nginx:1.27", "nginx:1.27"],
    ["library/nginx", "docker.io/library/nginx", "nginx"],
    ["grafana/grafana", "docker.io/grafana/grafana", "grafana/grafana"],
    ["docker.io/nginx", "docker.io/library/nginx", "nginx"],
    ["index.docker.io/nginx", "docker.io/library/nginx", "nginx"],
    ["registry-1.docker.io/library/nginx", "docker.io/library/nginx", "nginx"],
    ["Docker.IO/a/b", "docker.io/a/b", "a/b"],
    ["library/a/b", "docker.io/library/a/b", "library/a/b"],
    ["localhost/x", "localhost/x", "localhost/x"],
    ["localhost:5000/x:2", "localhost:5000/x:2", "localhost:5000/x:2"],
    ["ghcr.io/owner/app", "ghcr.io/owner/app", "ghcr.io/owner/app"],
    ["GHCR.io/owner/app", "ghcr.io/owner/app", "ghcr.io/owner/app"],
    ["127.0.0.1:5000/x", "127.0.0.1:5000/x", "127.0.0.1:5000/x"],
    ["[::1]:5000/x:1", "[::1]:5000/x:1", "[::1]:5000/x:1"],
    ["[2001:DB8:0:0::1]/x", "[2001:db8::1]/x", "[2001:db8::1]/x"],
    ["host:1/x", "host:1/x", "host:1/x"],
    // Without dot or port, upper case is what makes it a host.
    ["Host/x", "Host/x", "Host/x"],
    // Without a slash a colon begins a tag.
    ["localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"],
    // Here the host must stay, or the namespace would become one.
    ["docker.io/team.example/app", "docker.io/team.example/app", "docker.io/team.example/app"],
    ["docker.io/localhost/app", "docker.io/localhost/app", "docker.io/localhost/app"],
  ];
  for (const [text, canonical, familiar] of cases)
    test(text, () => {
      const reference = parseReference(text);
      assert.equal(formatReference(reference), canonical);
      assert.equal(familiarReference(reference), familiar);
      assert.deepEqual(parseReference(familiar), reference);
    });

  test("another default registry has no library", () => {
    assert.deepEqual(parseReference("nginx", { defaultRegistry: "ghcr.io" }), {
      registry: "ghcr.io",
      repository: "nginx",
    });
    assert.equal(
      parseReference("docker.io/nginx", { defaultRegistry: "ghcr.io" }).repository,
      "library/nginx",
    );
  });
});

test("a tag and a digest together are both kept", () => {
  for (const digest of [sha256, sha512])
    assert.deepEqual(parseReference(`ghcr.io/a/b:v1@${digest}`), {
      registry: "ghcr.io",
      repository: "a/b",
      tag: "v1",
      digest,
    });
});

test("latest is implied only when asked for, and only where there is neither tag nor digest", () => {
  assert.equal("tag" in parseReference("nginx"), false);
  assert.equal(withDefaultTag(parseReference("nginx")).tag, "latest");
  assert.equal(withDefaultTag(parseReference("nginx:1")).tag, "1");
  assert.equal(withDefaultTag(parseReference(`nginx@${sha256}`)).tag, undefined);
});

test("a host without dot and port survives being printed", () => {
  const text = formatReference({ registry: "registry", repository: "a/b" });
  assert.equal(parseReference(text).registry.toLowerCase(), "registry");
  assert.equal(parseReference(text).repository, "a/b");
});

describe("a repository alone", () => {
  test("has neither tag nor digest", () => {
    assert.deepEqual(parseRepository("nginx"), {
      registry: "docker.io",
      repository: "library/nginx",
    });
    assert.throws(() => parseRepository("nginx:1"), /names a tag, but a repository is wanted/);
    assert.throws(() => parseRepository(`nginx@${sha256}`), /names a digest/);
  });
  test("that looks like host and port is explained", () => {
    assert.throws(
      () => parseRepository("localhost:5000"),
      (error) => isError(error) && error.hint.includes("HOST/REPOSITORY"),
    );
  });
});

describe("messages help", () => {
  test("upper case in a repository", () => {
    const { message, hint } = refused("ghcr.io/Owner/App:1");
    assert.equal(message, 'Repository "Owner/App" must be lower case');
    assert.equal(hint, 'Did you mean "owner/app"?');
    assert.equal(refused("Nginx").hint, 'Did you mean "nginx"?');
    assert.equal(refused("Owner/App").hint, 'Did you mean "owner/app"?');
  });
  test("an address in place of a name", () => {
    assert.match(refused("https://ghcr.io/a/b:1").message, /has "https:\/\/" in front/);
    assert.match(refused("https://ghcr.io/a/b:1").hint, /"ghcr\.io\/a\/b:1"/);
    assert.match(refused("docker://ghcr.io/a/b").message, /"docker:\/\/" in front/);
  });
  test("another transport", () => {
    for (const text of ["oci:./dir", "oci-archive:/tmp/x.tar", "docker-archive:./x.tar"])
      assert.match(refused(text).message, /names a place of the transport/);
  });
  test("a forgotten tag or repository", () => {
    assert.match(refused("nginx:").message, /Tag "" is empty/);
    assert.match(refused("ghcr.io/").message, /repository is empty/);
    assert.match(refused("").message, /is empty/);
    assert.match(refused(`@${sha256}`).message, /repository is empty/);
    assert.match(refused(sha256).message, /digest without a repository/);
    assert.match(refused("a".repeat(64)).hint, /@sha256:aaa/);
  });
  test("white space", () => {
    assert.equal(refused("nginx\n").hint, 'Did you mean "nginx"?');
  });
  test("a digest that is none", () => {
    assert.equal(refused("nginx@md5:abc").code, "DIGEST_INVALID");
    assert.match(
      refused("nginx@sha256:abc").message,
      /has 3 digits after the colon; sha256 has 64/,
    );
    assert.match(refused(`nginx@${sha256.toUpperCase()}`).message, /only sha256 and sha512/);
  });
  test("empty parts and strange characters", () => {
    assert.match(refused("a//b").message, /has an empty part/);
    assert.match(refused("ghcr.io/a/../b").message, /its part "\.\."/);
    assert.match(refused("ghcr.io/a/b c").message, /" " is not allowed/);
    assert.match(refused("a/-b").message, /must begin and end with a letter or digit/);
    assert.match(refused("host:99999/x").message, /no valid port/);
  });
  test("an address written so that others read another", () => {
    for (const host of ["127.1", "0x7f.1", "127.0.0.01", "1.2.3.4.5", "[::g]", "[1.2.3.4]"])
      assert.match(refused(`${host}:5000/x`).message, /is neither a name nor an address|HOST:PORT/);
  });
  test("a password is in none of them", () => {
    for (const text of [
      "https://me:hunter2@ghcr.io/a/b",
      "me:hunter2@ghcr.io/a/b",
      "me:hun$ter2@ghcr.io/a/b",
      "docker://me:hunter2@x",
      `${"me:hunter2@x".repeat(50)}`,
    ]) {
      const { message, hint } = refused(text);
      assert.doesNotMatch(message + hint, /hun/, text);
    }
  });
  test("every message is one line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          assert.ok(isError(error));
          assert.doesNotMatch(error.message + error.hint, /\p{C}|\p{Zl}|\p{Zp}/u);
        }
      }),
    );
  });
});

describe("limits", () => {
  test("255 characters for host and repository together, 128 for a tag", () => {
    const room = 255 - "ghcr.io/".length;
    assert.equal(parseReference(`ghcr.io/${"a".repeat(room)}`).repository.length, room);
    assert.match(refused(`ghcr.io/${"a".repeat(room + 1)}`).message, /more than 255 characters/);
    assert.equal(checkRepositoryName("a".repeat(255)).length, 255);
    assert.throws(() => checkRepositoryName("a".repeat(256)), /256 characters; at most 255/);
    assert.equal(checkTag("a".repeat(128)).length, 128);
    assert.throws(() => checkTag("a".repeat(129)), /129 characters; at most 128/);
  });
  test("the longest possible reference is within them", () => {
    const host = `${"h".repeat(60)}.example`;
    const text = `${host}/${"r".repeat(254 - host.length)}:${"t".repeat(128)}@${sha512}`;
    assert.equal(text.length, referenceLimit);
    assert.equal(formatReference(parseReference(text)), text);
  });
  test("hostile text of any length is refused before it is looked at", () => {
    for (const piece of ["a", "a-", "-", "a/", "/", ":", "a.", "__", "@", "[", "[:", "http://"])
      for (const size of [1e3, 1e4, 1e5, 1e6]) {
        const text = piece.repeat(Math.ceil(size / piece.length));
        assert.match(refused(text).message, /^A reference of \d+ characters cannot be/);
        assert.throws(() => checkRepositoryName(text), /at most 255/);
        assert.equal(isTag(text), false);
      }
  });
});

/** The grammar once more, read character by character in place of regular expressions. */
const grammar = {
  repository(text: string): boolean {
    return text.length <= 255 && text.split("/").every((part) => this.part(part));
  },
  part(text: string): boolean {
    const isAlphanumeric = (char: string | undefined) =>
      char !== undefined && "abcdefghijklmnopqrstuvwxyz0123456789".includes(char);
    if (!isAlphanumeric(text[0]) || !isAlphanumeric(text.at(-1))) return false;
    let separator = "";
    for (const char of text) {
      if (!isAlphanumeric(char)) separator += char;
      else {
        const dashes = [...separator].every((one) => one === "-");
        if (!dashes && ![".", "_", "__"].includes(separator)) return false;
        separator = "";
      }
    }
    return true;
  },
  host(text: string): boolean {
    const close = text.lastIndexOf("]");
    const colon = text.indexOf(":", close + 1);
    const [name, port] = colon < 0 ? [text, "1"] : [text.slice(0, colon), text.slice(colon + 1)];
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) return false;
    if (name.startsWith("[")) return /^[^%]*]$/.test(name) && isIPv6(name.slice(1, -1));
    const labels = name.split(".");
    const last = labels.at(-1) ?? "";
    if (/^(?:\d+|0[xX][\da-fA-F]*)$/.test(last)) return isIPv4(name);
    return labels.every((label) => {
      const inner = [...label].every((char) => /[A-Za-z0-9-]/.test(char));
      return label.length > 0 && label.length < 64 && inner && !/^-|-$/.test(label);
    });
  },
  tag(text: string): boolean {
    const [first = "", ...rest] = text;
    return (
      text.length <= 128 && /[A-Za-z0-9_]/.test(first) && rest.every((char) => /[\w.-]/.test(char))
    );
  },
  reference(text: string): boolean {
    const [named = "", ...digests] = text.split("@");
    if (digests.length > 1) return false;
    const [digest] = digests;
    if (digest !== undefined) {
      const [algorithm, hex = "", ...more] = digest.split(":");
      const length = algorithm === "sha256" ? 64 : algorithm === "sha512" ? 128 : -1;
      if (more.length > 0 || hex.length !== length || /[^0-9a-f]/.test(hex)) return false;
    }
    const parts = named.split("/");
    const [first = ""] = parts;
    const hasHost = parts.length > 1 && (/[.:[A-Z]/.test(first) || first === "localhost");
    const path = hasHost ? parts.slice(1).join("/") : named;
    const colon = path.indexOf(":");
    const repository = colon < 0 ? path : path.slice(0, colon);
    if (colon >= 0 && !this.tag(path.slice(colon + 1))) return false;
    if (/^[0-9a-f]{64}$/.test(text) || /^sha(?:256|512):[0-9a-f]*$/.test(text)) return false;
    return (!hasHost || this.host(first)) && this.repository(repository);
  },
};

const part = fc.stringMatching(/^[a-z0-9]{1,6}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const repository = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const host = fc.oneof(
  fc.constantFrom("docker.io", "localhost", "index.docker.io", "Foo", "registry-1.docker.io"),
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const port = fc.integer({ min: 1, max: 65535 }).map((number) => `:${number}`);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/).map((text) => `:${text}`);
const digest = fc.constantFrom(`@${sha256}`, `@${sha512}`);
const optional = (text: fc.Arbitrary<string>) => fc.option(text, { nil: "" });
const valid = fc
  .tuple(
    optional(fc.tuple(host, optional(port)).map(([name, number]) => `${name}${number}/`)),
    repository,
    optional(tag),
    optional(digest),
  )
  .map((pieces) => pieces.join(""))
  .filter((text) => text.length < 250);

describe("properties", () => {
  test("parse after format is the identity", () => {
    fc.assert(
      fc.property(valid, (text) => {
        fc.pre(grammar.reference(text));
        const reference = parseReference(text);
        assert.deepEqual(parseReference(formatReference(reference)), reference);
        assert.deepEqual(parseReference(familiarReference(reference)), reference);
        assert.equal(
          formatReference(parseReference(formatReference(reference))),
          formatReference(reference),
        );
      }),
      { numRuns: 500 },
    );
  });

  const hostile = fc.string({
    unit: fc.constantFrom(..."aZ09._-:/@[]".split(""), "localhost", "sha256:", sha256.slice(7)),
    maxLength: 12,
  });
  const mutated = fc
    .tuple(valid, fc.nat(), fc.constantFrom("", " ", "\n", "A", "é", ..."._-:/@[]%?#\\\0"))
    .map(([text, at, char]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + char + text.slice(index + 1);
    });
  for (const [name, texts] of Object.entries({ hostile, mutated, valid }))
    test(`exactly what the grammar has is parsed: ${name} text`, () => {
      fc.assert(
        fc.property(texts, (text) => {
          let parsed = true;
          try {
            parseReference(text);
          } catch (error) {
            assert.ok(isError(error, "REFERENCE_INVALID", "DIGEST_INVALID"), String(error));
            parsed = false;
          }
          assert.equal(parsed, grammar.reference(text), JSON.stringify(text));
        }),
        { numRuns: 2000 },
      );
    });
});
