import assert from "node:assert/strict";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import fc from "fast-check";

import { isError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";
import type { NewTarEntry } from "./entry.ts";
import { blockSize, encodeHeader } from "./header.ts";
import { encodeRecords } from "./pax.ts";
import { padding, readTar, scanTar, type PlacedEntry } from "./reader.ts";
import { archiveEnd, createTarWriter, entryHead } from "./writer.ts";

type Written = readonly [header: NewTarEntry, body?: Uint8Array];

async function tarOf(entries: readonly Written[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const tar = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
  for (const [header, body] of entries) await tar.entry(header, body);
  await tar.finish();
  return Buffer.concat(chunks);
}

/** Hands bytes on in pieces of a given size, so that nothing depends on where a chunk ends. */
async function* pieces(bytes: Uint8Array, size = bytes.length): Bytes {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function gather(body: Bytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function list(bytes: Uint8Array, size?: number): Promise<[name: string, body: string][]> {
  const found: [string, string][] = [];
  for await (const entry of readTar(pieces(bytes, size))) {
    found.push([entry.name, String(await gather(entry.body))]);
  }
  return found;
}

async function scan(bytes: Uint8Array): Promise<PlacedEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-tar-"));
  try {
    await writeFile(join(folder, "a.tar"), bytes);
    const file = await open(join(folder, "a.tar"));
    try {
      const found: PlacedEntry[] = [];
      for await (const entry of scanTar(file, bytes.length)) found.push(entry);
      return found;
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An entry of any type flag, as another program may have written it. */
function raw(flag: string, body: string | Uint8Array, name = "x"): Buffer {
  const bytes = Buffer.from(body);
  const fields = { linkName: "", mode: 0o644, uid: 0, gid: 0, mtime: 0, userName: "" };
  const rest = { groupName: "", major: 0, minor: 0 };
  const header = encodeHeader({ name, flag, size: bytes.length, ...fields, ...rest });
  return Buffer.concat([header, bytes, Buffer.alloc(padding(bytes.length))]);
}

function records(...pairs: [string, string][]): Buffer {
  return raw("x", encodeRecords(new Map(pairs)));
}

const hello: Written = [{ name: "hello.txt", size: 5 }, Buffer.from("hello")];

suite("what is written is read back", () => {
  test("any entry, in chunks of any size, from a stream and from a file", async () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 300 });
    const file = fc
      .record({
        name: name.filter((value) => !value.endsWith("/") && !value.includes("\0")),
        linkName: name.filter((value) => !value.includes("\0")),
        userName: name.filter((value) => !value.includes("\0")),
        mtime: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(1.5, -0.25)),
        uid: fc.nat(2 ** 40),
        body: fc.uint8Array({ maxLength: 1200 }),
      })
      .map(({ body, ...header }): Written => [{ ...header, size: body.length }, body]);
    const tar = fc.array(file, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(tar, fc.integer({ min: 1, max: 2000 }), async (entries, size) => {
        const bytes = await tarOf(entries);
        assert.equal(bytes.length % blockSize, 0);
        let at = 0;
        for await (const { body, ...header } of readTar(pieces(bytes, size))) {
          const [wanted, content] = entries[at++] ?? [];
          assert.partialDeepStrictEqual(header, wanted);
          assert.deepEqual(new Uint8Array(await gather(body)), content);
        }
        assert.equal(at, entries.length);
      }),
      { numRuns: 30 },
    );
  });

  test("a name that is no UTF-8 keeps its bytes", async () => {
    const bytes = await tarOf([hello]);
    const odd = Buffer.from(raw("0", "", "a?b\u00ff"));
    const [entry] = await list(Buffer.concat([odd, bytes]));
    assert.equal(entry?.[0], "a?b\u00ff");
    const broken = encodeHeader({ ...nothing, name: "a\udcff\udcc3" });
    assert.deepEqual([...broken.subarray(0, 3)], [0x61, 0xff, 0xc3]);
    assert.equal((await list(Buffer.concat([broken, archiveEnd()])))[0]?.[0], "a\udcff\udcc3");
    assert.equal((await list(await tarOf([[{ name: "a\udcff", size: 0 }]])))[0]?.[0], "a\udcff");
  });

  test("a file of more than 8 GiB keeps its size, and its header stays one block", () => {
    const head = entryHead({ name: "big", size: 9 * 2 ** 30 });
    assert.equal(head.length, blockSize);
  });

  test("the same entries give the same bytes", async () => {
    assert.deepEqual(await tarOf([hello]), await tarOf([hello]));
  });

  test("a body that is not skipped by hand is skipped", async () => {
    const bytes = await tarOf([hello, [{ name: "second", size: 700 }, Buffer.alloc(700)], hello]);
    const names: string[] = [];
    for await (const entry of readTar(pieces(bytes, 100))) names.push(entry.name);
    assert.deepEqual(names, ["hello.txt", "second", "hello.txt"]);
  });

  test("a body that is longer or shorter than its header says is an error", async () => {
    for (const size of [4, 6]) {
      await assert.rejects(tarOf([[{ name: "a", size }, Buffer.from("hello")]]), {
        code: "SIZE_MISMATCH",
      });
    }
  });

  test("entries of a file are found by jumping over bodies", async () => {
    const large = Buffer.alloc(100_000, "x");
    const bytes = await tarOf([[{ name: "large", size: large.length }, large], hello]);
    const found = await scan(bytes);
    assert.deepEqual(
      found.map(({ header, offset }) => [header.name, offset]),
      [
        ["large", 512],
        ["hello.txt", 512 + 100_352 + 512],
      ],
    );
  });
});

const nothing = {
  flag: "0",
  size: 0,
  linkName: "",
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0,
  userName: "",
  groupName: "",
  major: 0,
  minor: 0,
};

suite("what others write", () => {
  const end = archiveEnd();

  test("GNU's long names", async () => {
    const long = `${"d/".repeat(200)}f`;
    const bytes = Buffer.concat([raw("L", `${long}\0`), raw("0", "hello"), end]);
    assert.deepEqual(await list(bytes, 77), [[long, "hello"]]);
  });

  test("pax overrides name and size, an empty value leaves the header's", async () => {
    const bytes = Buffer.concat([records(["path", "é"], ["size", "3"]), raw("0", "abcde"), end]);
    assert.deepEqual(await list(bytes), [["é", "abc"]]);
    const empty = Buffer.concat([records(["path", ""]), raw("0", "abcde", "kept"), end]);
    assert.deepEqual(await list(empty), [["kept", "abcde"]]);
  });

  test("global headers, volume labels and old directories", async () => {
    const bytes = Buffer.concat([
      raw("V", "", "label"),
      raw("g", encodeRecords(new Map([["comment", "0123"]]))),
      raw("\0", "", "old/"),
      raw("0", "x", "file"),
      end,
    ]);
    const found = await scan(bytes);
    assert.deepEqual(
      found.map(({ header }) => [header.type, header.name]),
      [
        ["directory", "old/"],
        ["file", "file"],
      ],
    );
  });

  test("a link that is given a size has no body all the same", async () => {
    const link = encodeHeader({ ...nothing, name: "l", flag: "1", size: 5, linkName: "hello.txt" });
    const bytes = Buffer.concat([link, await tarOf([hello])]);
    assert.deepEqual(await list(bytes), [
      ["l", ""],
      ["hello.txt", "hello"],
    ]);
  });

  test("an archive without an end mark, with one block of it, with padding or with rubbish behind it", async () => {
    const whole = await tarOf([hello]);
    const body = whole.subarray(0, -1024);
    for (const bytes of [
      body,
      body.subarray(0, 517), // the last body not even padded
      whole.subarray(0, -512),
      Buffer.concat([whole, Buffer.alloc(9216)]),
      Buffer.concat([whole, Buffer.alloc(1000, "rubbish")]),
    ]) {
      assert.deepEqual(await list(bytes), [["hello.txt", "hello"]]);
      assert.equal((await scan(bytes)).length, 1);
    }
  });

  test("a stream is read to its very end, so that a digest over it is checked", async () => {
    const whole = Buffer.concat([await tarOf([hello]), Buffer.alloc(4096)]);
    let ended = false;
    async function* watched(): Bytes {
      yield* pieces(whole, 512);
      ended = true;
    }
    for await (const entry of readTar(watched())) void entry;
    assert.ok(ended);
  });

  test("a reader that leaves early frees the stream", async () => {
    let freed = false;
    async function* watched(): Bytes {
      try {
        yield* pieces(await tarOf([hello, hello]), 512);
      } finally {
        freed = true;
      }
    }
    for await (const entry of readTar(watched())) if (entry.name) break;
    assert.ok(freed);
  });
});

suite("what is refused", () => {
  const end = archiveEnd();
  const cases: [what: string, bytes: () => Buffer | Promise<Buffer>, message: RegExp][] = [
    [
      "a cut header",
      async () => (await tarOf([hello])).subarray(0, 300),
      /byte 0: the header is cut off/,
    ],
    ["a cut body", async () => (await tarOf([hello])).subarray(0, 514), /ends in the middle of/],
    ["a wrong checksum", () => Buffer.alloc(512, "a"), /checksum/],
    [
      "a block of zeros, then more",
      () => Buffer.concat([end.subarray(512), raw("0", "")]),
      /zeros/,
    ],
    ["a sparse file of GNU", () => raw("S", ""), /sparse/],
    [
      "a sparse file of pax",
      () => Buffer.concat([records(["GNU.sparse.major", "1"]), raw("0", "")]),
      /sparse/,
    ],
    ["an unknown type", () => raw("M", ""), /"x" is of an unknown type "M"/],
    [
      "an extended header alone",
      () => Buffer.concat([records(["path", "a"]), end]),
      /without its entry/,
    ],
    [
      "a huge extended header",
      () => Buffer.from(raw("x", Buffer.alloc((1 << 20) + 1))),
      /at most 1048576/,
    ],
    [
      "a huge long name",
      () => Buffer.from(raw("L", Buffer.alloc((1 << 20) + 1))),
      /at most 1048576/,
    ],
    ["a cut extended header", () => raw("x", Buffer.alloc(2000)).subarray(0, 1000), /cut off/],
    ["a cut global header", () => raw("g", Buffer.alloc(2000)).subarray(0, 1000), /cut off/],
    [
      "a record without a length",
      () => Buffer.concat([raw("x", "path=a\n"), raw("0", "")]),
      /malformed/,
    ],
    [
      "a record that is too long",
      () => Buffer.concat([raw("x", "99 path=a\n"), raw("0", "")]),
      /malformed/,
    ],
    [
      "a record that is too short",
      () => Buffer.concat([raw("x", "5 path=a\n"), raw("0", "")]),
      /malformed/,
    ],
    [
      "a record of no length",
      () => Buffer.concat([raw("x", "0 path=a\n"), raw("0", "")]),
      /malformed/,
    ],
    [
      "a size that is no number",
      () => Buffer.concat([records(["size", "-1"]), raw("0", "")]),
      /size is not a number/,
    ],
    [
      "a size beyond all files",
      () => Buffer.concat([records(["size", "9".repeat(30)]), raw("0", "")]),
      /size/,
    ],
  ];
  for (const [what, make, message] of cases) {
    test(what, async () => {
      const bytes = await make();
      const refused = { code: "ARCHIVE_INVALID", message };
      await assert.rejects(list(bytes), refused);
      await assert.rejects(scan(bytes), refused);
    });
  }

  test("damage anywhere gives ARCHIVE_INVALID or other entries, never another error", async () => {
    const whole = Buffer.concat([records(["path", "é"]), raw("L", "long\0"), await tarOf([hello])]);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (bytes, length) => {
        const broken = Buffer.from(whole.subarray(0, length));
        for (const [at, byte] of bytes) if (at < length) broken[at] = byte;
        try {
          await list(broken, 300);
        } catch (error) {
          assert.ok(isError(error, "ARCHIVE_INVALID"), String(error));
        }
      }),
      { numRuns: 200 },
    );
  });
});
