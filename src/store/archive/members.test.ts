import assert from "node:assert/strict";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import type { NewTarEntry } from "../tar/entry.ts";
import { createTarWriter, entryHead } from "../tar/writer.ts";
import { Members } from "./members.ts";

let folder = "";
before(async () => void (folder = await mkdtemp(join(tmpdir(), "wharf-members-"))));
after(() => rm(folder, { recursive: true }));

type Entry = Omit<NewTarEntry, "size"> & { readonly content?: string };

async function membersOf(t: { after(close: () => unknown): void }, ...entries: Entry[]) {
  const path = join(folder, "a.tar");
  const chunks: Buffer[] = [];
  const tar = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
  for (const { content = "", ...header } of entries) {
    await tar.entry({ ...header, size: content.length }, Buffer.from(content));
  }
  await tar.finish();
  await writeFile(path, Buffer.concat(chunks));
  const file = await open(path);
  t.after(() => file.close());
  return Members.list(file, (await file.stat()).size, "a.tar");
}

const symlink = (name: string, linkName: string): Entry => ({ name, type: "symlink", linkName });
const hardlink = (name: string, linkName: string): Entry => ({ name, type: "hardlink", linkName });

test("files are read by their path, whole and in part", async (t) => {
  const members = await membersOf(
    t,
    { name: "./a/", type: "directory" },
    { name: "./a/b", content: "hello" },
  );
  assert.equal(String(await members.read("a/b", 10)), "hello");
  const member = members.find("a/b")!;
  const part: Uint8Array[] = [];
  for await (const chunk of members.stream(member, { offset: 1, length: 3 })) part.push(chunk);
  assert.equal(String(Buffer.concat(part)), "ell");
  assert.equal(members.find("a"), undefined);
});

test("of two files with one name the last counts", async (t) => {
  const members = await membersOf(
    t,
    { name: "a", content: "first" },
    { name: "./a", content: "last" },
  );
  assert.equal(String(await members.read("a", 10)), "last");
});

test("links are followed, also from link to link", async (t) => {
  const members = await membersOf(
    t,
    { name: "one/layer.tar", content: "layer" },
    symlink("two/layer.tar", "../one/layer.tar"),
    hardlink("three/layer.tar", "./two/layer.tar"),
  );
  for (const path of ["one", "two", "three"]) {
    assert.equal(String(await members.read(`${path}/layer.tar`, 10)), "layer");
  }
});

test("links that lead out of the archive are unsafe, whatever they lead to", async (t) => {
  const members = await membersOf(
    t,
    { name: "in/file", content: "" },
    symlink("in/a", "/etc/passwd"),
    symlink("in/b", "../../etc/passwd"),
    symlink("in/c", "../../in/file"),
    hardlink("in/d", "/etc/passwd"),
    hardlink("in/e", "../etc/passwd"),
    symlink("in/f", "a"),
  );
  for (const name of ["a", "b", "c", "d", "e", "f"]) {
    assert.throws(() => members.find(`in/${name}`), { code: "PATH_UNSAFE" });
  }
});

test("links that lead nowhere, in a circle or on and on are damage", async (t) => {
  const chain = Array.from({ length: 20 }, (_, at) => symlink(`chain${at}`, `chain${at + 1}`));
  const members = await membersOf(
    t,
    symlink("lost", "gone"),
    symlink("self", "self"),
    hardlink("ping", "pong"),
    symlink("pong", "ping"),
    ...chain,
    { name: "chain20", content: "x" },
  );
  for (const name of ["lost", "self", "ping", "chain0"]) {
    assert.throws(() => members.find(name), { code: "ARCHIVE_INVALID" });
  }
  assert.equal(members.find("chain15")?.size, 1);
  assert.equal(members.find("gone"), undefined);
});

test("an entry whose name leaves the archive condemns all of it", async (t) => {
  for (const name of ["../a", "/a", "a/../../b"]) {
    await assert.rejects(membersOf(t, { name: "good" }, { name }), {
      code: "PATH_UNSAFE",
      message: `a.tar: entry ${JSON.stringify(name)} leaves the archive`,
    });
  }
});

test("a small file that is large is refused", async (t) => {
  const members = await membersOf(t, { name: "index.json", content: "x".repeat(100) });
  await assert.rejects(members.read("index.json", 99), {
    code: "ARCHIVE_INVALID",
    message: "a.tar: index.json has 100 bytes; at most 99 are accepted",
  });
  await assert.rejects(members.read("gone", 99), { message: "a.tar: has no gone" });
});

test("more files than are accepted", async (t) => {
  const path = join(folder, "many.tar");
  await writeFile(path, Buffer.concat(["a", "b", "c"].map((name) => entryHead({ name, size: 0 }))));
  const file = await open(path);
  t.after(() => file.close());
  const size = 3 * 512;
  assert.ok(await Members.list(file, size, "many.tar", 3));
  await assert.rejects(Members.list(file, size, "many.tar", 2), {
    code: "ARCHIVE_INVALID",
    message: "many.tar: has more than 2 files",
  });
});
