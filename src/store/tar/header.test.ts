import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { isError } from "../../errors.ts";
import { blockSize, decodeHeader, encodeHeader, type HeaderBlock } from "./header.ts";

const plain: HeaderBlock = {
  name: "a/b",
  flag: "0",
  size: 5,
  linkName: "",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  userName: "",
  groupName: "",
  major: 0,
  minor: 0,
};

const text = (most: number): fc.Arbitrary<string> =>
  fc.string({ unit: "grapheme-ascii", maxLength: most });
const small = fc.nat(0o7777777);

test("a header that is written reads back as it was", () => {
  const header = fc.record(
    {
      name: text(100),
      flag: fc.constantFrom("0", "1", "2", "5", "x", "L"),
      size: fc.maxSafeNat(),
      linkName: text(100),
      mode: fc.nat(0o7777),
      uid: fc.nat(2 ** 31 - 1),
      gid: fc.nat(2 ** 31 - 1),
      mtime: fc.maxSafeInteger(),
      userName: text(32),
      groupName: text(32),
      major: small,
      minor: small,
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(header, (value) => {
      assert.deepEqual(decodeHeader(encodeHeader(value)), value);
    }),
  );
});

test("any damage to a header is noticed", () => {
  const flip = fc.record({ at: fc.nat(blockSize - 1), bits: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(flip, ({ at, bits }) => {
      const block = encodeHeader(plain);
      block[at] = (block[at] ?? 0) ^ bits;
      let read: HeaderBlock | undefined;
      try {
        read = decodeHeader(block);
      } catch (error) {
        assert.ok(isError(error, "ARCHIVE_INVALID"));
        return;
      }
      // What stands behind the NUL of the checksum's field is nobody's.
      assert.ok(at >= 154 && at < 156);
      assert.deepEqual(read, plain);
    }),
  );
});

test("random bytes are no header, and never anything but ARCHIVE_INVALID", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: blockSize, maxLength: blockSize }), (block) => {
      try {
        decodeHeader(block);
      } catch (error) {
        assert.ok(isError(error, "ARCHIVE_INVALID"));
      }
    }),
  );
});

test("a block of zeros is no entry", () => {
  assert.equal(decodeHeader(new Uint8Array(blockSize)), undefined);
});

test("a negative size is refused, a negative time is a time before 1970", () => {
  assert.throws(() => decodeHeader(encodeHeader({ ...plain, size: -1 })), {
    code: "ARCHIVE_INVALID",
    message: "the header's size is out of range",
  });
  assert.equal(decodeHeader(encodeHeader({ ...plain, mtime: -86400 }))?.mtime, -86400);
});

test("sums over signed bytes, as old tars made them, are accepted", () => {
  const block = encodeHeader({ ...plain, name: "ä" });
  const signed =
    8 * 0x20 +
    block.reduce((sum, byte, at) => (at >= 148 && at < 156 ? sum : sum + ((byte << 24) >> 24)), 0);
  block.set(Buffer.from(`${signed.toString(8).padStart(6, "0")}\0 `), 148);
  assert.equal(decodeHeader(block)?.name, "ä");
});
