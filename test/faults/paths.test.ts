/** Names and paths that try to lead out of where they belong: in tars, layouts, references and requests. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { request as send } from "node:http";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { blobOf, bytesOf, collect } from "../../src/registry/testing/remote.ts";
import { startServer } from "../../src/server/server.ts";
import { type ArchiveKind, openArchive } from "../../src/store/archive/archive.ts";
import { openCollection } from "../../src/store/collection/collection.ts";
import { openLayout } from "../../src/store/layout/layout.ts";
import { createMemoryRepository } from "../../src/store/memory.ts";
import { bytesSource } from "../../src/store/sources.ts";
import type { NewTarEntry } from "../../src/store/tar/entry.ts";
import { createTarWriter } from "../../src/store/tar/writer.ts";
import { copy } from "../../src/transfer/copy.ts";
import { pushImage } from "../../src/transfer/testing/images.ts";
import { atEnd, client, failsWith, openStage, temporaryFolder } from "./stage.ts";

const secret = "what nobody outside may read";
const unsafe = failsWith("PATH_UNSAFE", "ARCHIVE_INVALID", "LAYOUT_INVALID");

type Entry = Partial<NewTarEntry> & { readonly name: string; readonly content?: string };

/** A tar of these entries in a folder, beside which lies `secret`. */
async function tarWith(context: TestContext, entries: readonly Entry[]): Promise<string> {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "secret"), secret);
  await mkdir(join(folder, "in"));
  const chunks: Buffer[] = [];
  const tar = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
  for (const { content = "", ...entry } of entries)
    await tar.entry({ ...entry, size: Buffer.byteLength(content) }, Buffer.from(content));
  await tar.finish();
  const path = join(folder, "in", "a.tar");
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

/** Reads all that the archive has under any name, and what a copy makes of it. */
async function readAll(path: string, kind: ArchiveKind): Promise<void> {
  const archive = await openArchive(path, kind);
  try {
    for await (const tag of archive.listTags()) await copy(archive, tag, createMemoryRepository());
    await archive.fetchManifest("latest");
  } finally {
    await archive.close();
  }
}

const ways = ["../../secret", "/etc/passwd", "../secret", "a/../../../secret"];

test("tar entries whose names or links lead out of the archive are refused", async (context) => {
  const layout = { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' };
  for (const kind of ["oci-archive", "docker-archive"] as const) {
    const main = kind === "oci-archive" ? "index.json" : "manifest.json";
    for (const way of ways) {
      const tricks: Entry[][] = [
        [
          { name: main, content: "[]" },
          { name: way, content: "planted" },
        ],
        [{ name: main, type: "symlink", linkName: way }],
        [{ name: main, type: "hardlink", linkName: way }],
      ];
      for (const entries of tricks) {
        const path = await tarWith(context, [layout, ...entries]);
        await assert.rejects(readAll(path, kind), unsafe, `${kind} ${way}`);
        assert.deepEqual(await readdir(join(path, "..")), ["a.tar"], "something was planted");
      }
    }
  }
});

test("a docker archive whose manifest names files outside of it is refused", async (context) => {
  for (const way of ways) {
    for (const [Config, layer] of [
      [way, "layer.tar"],
      ["config.json", way],
    ]) {
      const manifest = JSON.stringify([{ Config, RepoTags: ["x:latest"], Layers: [layer] }]);
      const path = await tarWith(context, [
        { name: "config.json", content: '{"rootfs":{"type":"layers","diff_ids":["sha256:00"]}}' },
        { name: "layer.tar", content: "" },
        { name: "manifest.json", content: manifest },
      ]);
      await assert.rejects(readAll(path, "docker-archive"), unsafe);
    }
  }
});

test("a layout whose digests are paths, or whose blobs are links, gives nothing away", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "secret"), secret);
  const good = join(folder, "good");
  const layout = await openLayout(good, { create: true });
  await pushImage(layout, { tag: "latest" });
  await layout.close();
  const index = JSON.parse(await readFile(join(good, "index.json"), "utf8"));
  for (const digest of ["sha256:../../../secret", "../../secret:x", "sha256:/etc/passwd"]) {
    const bad = join(folder, `bad-${digestOf(Buffer.from(digest)).slice(-8)}`);
    await cp(good, bad, { recursive: true });
    const manifests = [{ ...index.manifests[0], digest }];
    await writeFile(join(bad, "index.json"), JSON.stringify({ ...index, manifests }));
    const refused = failsWith("LAYOUT_INVALID", "MANIFEST_INVALID", "DIGEST_INVALID");
    const open = async () => copy(await openLayout(bad), "latest", createMemoryRepository());
    await assert.rejects(open(), refused, digest);
  }
  const digest = digestOf(Buffer.from("other bytes than the secret's"));
  await symlink(join(folder, "secret"), join(good, "blobs", "sha256", digest.slice(7)));
  const descriptor = { mediaType: mediaTypes.ociLayer, digest, size: secret.length };
  const reopened = await openLayout(good);
  await assert.rejects(
    (async () => {
      const target = createMemoryRepository();
      await target.pushBlob(descriptor, {
        replayable: true,
        open: async () => reopened.fetchBlob(descriptor),
      });
    })(),
    failsWith("DIGEST_MISMATCH", "LAYOUT_INVALID", "BLOB_NOT_FOUND", "FILE_FAILED"),
  );
  await reopened.close();
});

test("names that could mean another address are refused before anything is sent", async (context) => {
  const { proxy } = await openStage(context);
  const registry = client(context, proxy.host);
  const repository = registry.repository("a/b");
  const names = [
    "..",
    ".",
    "../..",
    "%2e%2e",
    "-rf",
    "a b",
    "a\nb",
    "",
    "a/../b",
    "é",
    "a\0",
    "a?x=1",
    "a#b",
  ];
  for (const tag of names)
    await assert.rejects(repository.resolve(tag), failsWith("REFERENCE_INVALID"), tag);
  for (const digest of ["sha256:../../..", "sha256:", "../:x", `sha256:${"0".repeat(63)}/`]) {
    const descriptor = { mediaType: mediaTypes.ociLayer, digest, size: 1 };
    await assert.rejects(async () => repository.fetchManifest(digest), failsWith("DIGEST_INVALID"));
    await assert.rejects(async () => repository.statBlob(digest), failsWith("DIGEST_INVALID"));
    await assert.rejects(async () => repository.fetchBlob(descriptor), failsWith("DIGEST_INVALID"));
    await assert.rejects(
      async () => repository.pushBlob(descriptor, bytesSource(Buffer.alloc(1))),
      failsWith("DIGEST_INVALID"),
    );
    const large = { ...descriptor, size: 1_000_000 };
    await assert.rejects(
      async () => repository.pushBlob(large, bytesSource(Buffer.alloc(1_000_000))),
      failsWith("DIGEST_INVALID"),
    );
    await assert.rejects(async () => repository.deleteBlob(digest), failsWith("DIGEST_INVALID"));
    await assert.rejects(
      async () => collect(repository.listReferrers(digest)),
      failsWith("DIGEST_INVALID"),
    );
    const other = registry.repository("c/d");
    await assert.rejects(
      async () => other.mountBlob(descriptor, repository),
      failsWith("DIGEST_INVALID"),
    );
  }
  assert.deepEqual(proxy.log(), []);
});

test("no request reaches a file of our server outside of its repositories", async (context) => {
  const folder = await temporaryFolder(context);
  const data = join(folder, "data");
  await writeFile(join(folder, "secret"), secret);
  const collection = await openCollection(data);
  const { descriptor, bytes } = blobOf(100);
  await collection.repository("a/b").pushBlob(descriptor, bytesSource(bytes));
  const failures: unknown[] = [];
  const server = await startServer({
    collection,
    port: 0,
    closeTimeout: 0,
    onFailure: (failure) => failures.push(failure),
  });
  atEnd(context, async () => {
    await server.close();
    await collection.close();
  });
  const before = await filesOf(data);

  const tricks = [
    "..",
    "%2e%2e",
    "..%2f..",
    "%2e%2e%2f",
    "..%5c..",
    ".%00",
    "%252e%252e",
    "//",
    "",
  ];
  for (const trick of tricks) {
    for (const [method, path] of [
      ["GET", `/v2/${trick}/${trick}/secret/blobs/${descriptor.digest}`],
      ["GET", `/v2/a/b/blobs/sha256:${trick}/${trick}/secret`],
      ["GET", `/v2/a/b/blobs/${trick}/${trick}/${trick}/secret`],
      ["GET", `/v2/a/b/manifests/${trick}/secret`],
      ["PUT", `/v2/${trick}/${trick}/planted/manifests/latest`],
      ["PUT", `/v2/a/b/manifests/${trick}/${trick}/planted`],
      ["POST", `/v2/${trick}/${trick}/planted/blobs/uploads/`],
      ["PATCH", `/v2/a/b/blobs/uploads/${trick}/${trick}/planted`],
      ["PUT", `/v2/a/b/blobs/uploads/${trick}%2fplanted?digest=${descriptor.digest}`],
      ["DELETE", `/v2/a/b/blobs/uploads/${trick}/${trick}/secret`],
      ["DELETE", `/v2/a/b/blobs/sha256:${trick}/secret`],
      ["GET", `/v2/a/b/referrers/${trick}/secret`],
      ["POST", `/v2/a/b/blobs/uploads/?mount=${descriptor.digest}&from=${trick}/${trick}/secret`],
    ] as const) {
      const { status, body } = await raw(server.port, method, path);
      const declined = status === 202 && path.includes("mount=");
      assert(declined || (status >= 400 && status < 500), `${method} ${path}: ${status}`);
      assert(!body.includes(secret), `${method} ${path} gives the secret away`);
    }
  }
  assert.deepEqual(failures, []);
  assert.equal(await readFile(join(folder, "secret"), "utf8"), secret);
  assert.deepEqual((await readdir(folder)).toSorted(), ["data", "secret"]);
  assert.deepEqual(await filesOf(data), before);
  assert((await bytesOf(await collection.repository("a/b").fetchBlob(descriptor))).equals(bytes));
});

/** What a repository's blobs and names are; uploads come and go, and index.json follows in its own time. */
async function filesOf(data: string): Promise<string[]> {
  const names = await readdir(data, { recursive: true });
  return names
    .filter((name) => !name.startsWith("uploads") && !name.endsWith("index.json"))
    .toSorted();
}

/** Sends a path as it is; every proper client would tidy it up. */
async function raw(port: number, method: string, path: string) {
  const request = send({ host: "127.0.0.1", port, method, path, agent: false });
  request.end(method === "GET" || method === "DELETE" ? undefined : "{}");
  const [answer] = (await once(request, "response")) as [
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  return { status: answer.statusCode, body: String(await bytesOf(answer)) };
}
