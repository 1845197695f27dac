import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import { digestOf, isDigest, parseDigest, quoted } from "./digest.ts";

const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("the digest of bytes is that of the published vectors", () => {
  assert.equal(digestOf(Buffer.from("abc")), `sha256:${abc}`);
  assert.match(digestOf(Buffer.from("abc"), "sha512"), /^sha512:ddaf35a193617aba[0-9a-f]{112}$/);
});

test("a digest is taken apart", () => {
  assert.deepEqual(parseDigest(`sha256:${abc}`), { algorithm: "sha256", encoded: abc });
  assert.equal(parseDigest(`sha512:${abc}${abc}`).algorithm, "sha512");
});

describe("what is no digest is refused with a reason", () => {
  const cases: [text: string, message: RegExp][] = [
    ["", /has no algorithm in front/],
    [abc, /has no algorithm in front/],
    [`md5:${abc}`, /uses "md5"; only sha256 and sha512 are known/],
    [`SHA256:${abc}`, /uses "SHA256"/],
    [`sha256:${abc.slice(1)}`, /has 63 digits after the colon; sha256 has 64/],
    [`sha512:${abc}`, /has 64 digits after the colon; sha512 has 128/],
    [`sha256:${abc.toUpperCase()}`, /must be lower case/],
    [`sha256:${abc.slice(1)}g`, /other characters than hexadecimal/],
    [`sha256:${abc}\n`, /has 65 digits/],
    ["sha256:".repeat(1e5), /digits after the colon/],
  ];
  for (const [text, message] of cases)
    test(text.slice(0, 30) || "nothing", () => {
      assert.equal(isDigest(text), false);
      assert.throws(
        () => parseDigest(text),
        (error) => isError(error, "DIGEST_INVALID") && message.test(error.message),
      );
    });
});

test("every digest of bytes parses", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom("sha256", "sha512"), (bytes, algorithm) => {
      const digest = digestOf(bytes, algorithm);
      assert.ok(isDigest(digest));
      assert.equal(parseDigest(digest).algorithm, algorithm);
    }),
  );
});

test("what is quoted cannot play tricks on a terminal", () => {
  assert.equal(quoted("a\u001b[2Jb\n"), '"a\\u001b[2Jb\\n"');
  assert.equal(quoted("\u009b\u202e\u2028"), '"\\u{9b}\\u{202e}\\u{2028}"');
  assert.ok(quoted("x".repeat(1e6)).length < 200);
});
