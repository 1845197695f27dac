import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { after, before, suite, test } from "node:test";

import type { Bytes } from "../../http/bytes.ts";
import { readTar } from "../tar/reader.ts";
import { openFileOutput } from "./fileOutput.ts";
import type { NewMember, Output } from "./output.ts";
import { createPipeOutput } from "./pipeOutput.ts";
import { gather } from "./testing/images.ts";

let folder = "";
before(async () => void (folder = await mkdtemp(join(tmpdir(), "wharf-output-"))));
after(() => rm(folder, { recursive: true }));

async function list(tar: Bytes): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, body } of readTar(tar)) found[name] = String(await gather(body));
  return found;
}

async function* bytes(...chunks: string[]): Bytes {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function member(name: string, content: string, size?: number): NewMember {
  return { name, ...(size !== undefined && { size }), open: async () => bytes(content) };
}

/** A body that ends when it is told to. */
function held(content: string) {
  let release = (): void => {};
  const wait = new Promise<void>((resolve) => (release = resolve));
  async function* body(): Bytes {
    yield Buffer.from(content.slice(0, 1));
    await wait;
    yield Buffer.from(content.slice(1));
  }
  return { body, release: () => release() };
}

async function* failing(): Bytes {
  yield Buffer.from("some");
  throw new Error("the body broke");
}

/** An output with what it has written; both kinds must do the same. */
interface Trial {
  readonly output: Output;
  written(): Promise<Buffer>;
}

let count = 0;
const kinds: Record<string, () => Promise<Trial>> = {
  file: async () => {
    const path = join(folder, `${count++}.tar`);
    return { output: await openFileOutput(path), written: () => readFile(path) };
  },
  pipe: async () => {
    const chunks: Buffer[] = [];
    const pipe = new Writable({
      write(chunk: Buffer, _, done) {
        chunks.push(Buffer.from(chunk));
        setImmediate(done);
      },
    });
    const output = createPipeOutput(pipe, "pipe");
    return { output, written: async () => Buffer.concat(chunks) };
  },
};

for (const [kind, open] of Object.entries(kinds)) {
  suite(`a ${kind}`, () => {
    test("members stand in the order in which they were added, however long each takes", async () => {
      const { output, written } = await open();
      const [slow, slower] = [held("slow"), held("slower")];
      const work = [
        output.add({ name: "unknown", open: async () => slow.body() }),
        output.add({ name: "known", size: 6, open: async () => slower.body() }),
        output.add(member("quick", "quick", 5)),
        output.add(member("quick, unknown", "12")),
      ];
      slower.release();
      slow.release();
      await Promise.all(work);
      await output.finish();
      assert.deepEqual(Object.entries(await list(one(await written()))), [
        ["unknown", "slow"],
        ["known", "slower"],
        ["quick", "quick"],
        ["quick, unknown", "12"],
      ]);
    });

    test("a name may depend on the body, and a member may be dropped", async () => {
      const { output, written } = await open();
      const drop = { name: () => undefined, open: async () => bytes("dropped") };
      let seen = "";
      const open_ = async () => {
        async function* body(): Bytes {
          yield Buffer.from("x");
          seen = "late";
        }
        return body();
      };
      await Promise.all([
        output.add(drop),
        output.add({ name: () => seen, open: open_ }),
        output.add(drop),
      ]);
      await output.finish();
      assert.deepEqual(await list(one(await written())), { late: "x" });
    });

    test("the same members give the same bytes", async () => {
      const make = async (): Promise<Buffer> => {
        const { output, written } = await open();
        await Promise.all([output.add(member("a", "1", 1)), output.add(member("b", "22"))]);
        await output.finish();
        return written();
      };
      assert.deepEqual(await make(), await make());
    });

    test("who gives up waiting does not hold up the others", async () => {
      const { output, written } = await open();
      const slow = held("slow");
      const abort = new AbortController();
      const first = output.add({ name: "slow", open: async () => slow.body() });
      const second = output.add(member("given up", "x", 1), { signal: abort.signal });
      const third = output.add(member("third", "3", 1));
      abort.abort();
      await assert.rejects(second, { code: "INTERRUPTED" });
      slow.release();
      await Promise.all([first, third]);
      await output.finish();
      assert.deepEqual(await list(one(await written())), { slow: "slow", third: "3" });
    });

    test("a member that fails while it waits leaves no trace", async () => {
      const { output, written } = await open();
      const slow = held("slow");
      const first = output.add({ name: "slow", open: async () => slow.body() });
      const second = output.add({ name: "bad", open: async () => failing() });
      await assert.rejects(second, /the body broke/);
      slow.release();
      await first;
      await output.finish();
      assert.deepEqual(await list(one(await written())), { slow: "slow" });
    });
  });
}

async function* one(chunk: Uint8Array): Bytes {
  yield chunk;
}

suite("a file", () => {
  test("a member that fails leaves no gap, wherever it stood", async () => {
    const path = join(folder, "gaps.tar");
    const output = await openFileOutput(path);
    const large = "x".repeat(3_000_000);
    const bad = (size?: number): NewMember => ({
      name: "bad",
      ...(size !== undefined && { size }),
      open: async () => failing(),
    });
    const work = [
      bad(600),
      member("a", large, large.length),
      bad(5000),
      member("b", "b", 1),
      bad(),
      bad(7),
    ];
    const results = await Promise.allSettled(work.map((each) => output.add(each)));
    assert.equal(results.filter(({ status }) => status === "rejected").length, 4);
    await output.finish();
    assert.deepEqual(await list(one(await readFile(path))), { a: large, b: "b" });
    assert.equal((await readFile(path)).length % 512, 0);
  });

  test("what is at its place stays until the end, and is replaced then", async () => {
    const path = join(folder, "old.tar");
    await writeFile(path, "old");
    const output = await openFileOutput(path);
    await output.add(member("a", "1", 1));
    assert.equal(await readFile(path, "utf8"), "old");
    await output.finish();
    assert.deepEqual(await list(one(await readFile(path))), { a: "1" });
  });

  test("a link stays a link, and what it leads to is replaced", async () => {
    const target = join(folder, "linked.tar");
    const link = join(folder, "link.tar");
    await writeFile(target, "old");
    await symlink(target, link);
    const output = await openFileOutput(link);
    await output.finish();
    assert.equal(await readlink(link), target);
    assert.equal((await readFile(target)).length, 1024);
  });

  test("giving up removes what was written, also in the middle", async () => {
    const before = await readdir(folder);
    const output = await openFileOutput(join(folder, "given-up.tar"));
    const slow = held("slow");
    const adding = output.add({ name: "slow", size: 4, open: async () => slow.body() });
    const refused = assert.rejects(adding, { code: "INTERRUPTED" });
    await output.abort();
    slow.release();
    await refused;
    await output.abort();
    assert.deepEqual(await readdir(folder), before);
  });

  test("a body that is not of its size is refused", async () => {
    const output = await openFileOutput(join(folder, "sizes.tar"));
    for (const size of [3, 5]) {
      await assert.rejects(output.add(member("a", "1234", size)), { code: "SIZE_MISMATCH" });
    }
    await output.abort();
  });

  test("a folder that is not there is named", async () => {
    const path = join(folder, "no", "such.tar");
    await assert.rejects(openFileOutput(path), {
      code: "FILE_NOT_FOUND",
      message: new RegExp(path),
    });
  });
});

suite("a pipe", () => {
  test("a member that fails on its way spoils the archive", async () => {
    const pipe = new PassThrough();
    pipe.resume();
    const output = createPipeOutput(pipe, "standard output");
    await assert.rejects(output.add({ name: "a", size: 10, open: async () => failing() }), /broke/);
    await assert.rejects(output.add(member("b", "1", 1)), /broke/);
    await assert.rejects(output.finish(), /broke/);
  });

  test("a reader that goes away ends the writing", async () => {
    const pipe = new PassThrough({ highWaterMark: 1 });
    const output = createPipeOutput(pipe, "standard output");
    const adding = output.add(member("a", "x".repeat(100_000), 100_000));
    pipe.destroy(Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
    const gone = {
      code: "FILE_FAILED",
      message: "standard output: cannot be written, its reader has gone",
    };
    await assert.rejects(adding, gone);
    await assert.rejects(output.add(member("b", "1", 1)), gone);
  });

  test("a reader that does not read is no reason to wait for ever", async () => {
    const pipe = new PassThrough({ highWaterMark: 1 });
    const output = createPipeOutput(pipe, "standard output");
    const abort = new AbortController();
    const adding = output.add(member("a", "x".repeat(100_000), 100_000), { signal: abort.signal });
    await new Promise(setImmediate);
    abort.abort();
    await assert.rejects(adding, { code: "INTERRUPTED" });
    await output.abort();
  });
});
