import assert from "node:assert/strict";
import { open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { describe, mock, test } from "node:test";

import { isError } from "../../errors.ts";
import { collect, contentOf, imageOf, indexOf, noise, readBlob } from "../behaviours/content.ts";
import type { Content } from "../behaviours/content.ts";
import { pushContent, pushImage, refuses } from "../behaviours/trial.ts";
import { describeStore } from "../behaviours.ts";
import { failing, temporaryFolder } from "../disk/testing.ts";
import { openLayout } from "../layout/layout.ts";
import { openCollection } from "./collection.ts";
import type { StoredCollection } from "./collection.ts";

await describeStore("a repository of a data directory", async () => {
  const { folder, remove } = await temporaryFolder();
  const collection = await openCollection(folder);
  return {
    store: collection.repository("some/where"),
    sibling: collection.repository("some/where/else"),
    close: async () => {
      await collection.close();
      await remove();
    },
  };
});

const image = imageOf("collection");
const subject = image.manifest.descriptor;
const signature = imageOf("signature", { artifactType: "application/x.signature", subject });
const blob = contentOf(noise(20_000));

function inFolder(title: string, run: (folder: string) => Promise<void>): void {
  test(title, async () => {
    const { folder, remove } = await temporaryFolder();
    try {
      await run(folder);
    } finally {
      await remove();
    }
  });
}

/** Runs with a collection that is closed afterwards. */
async function opened<Result>(
  folder: string,
  run: (collection: StoredCollection) => Promise<Result>,
): Promise<Result> {
  const collection = await openCollection(folder);
  try {
    return await run(collection);
  } finally {
    await collection.close();
  }
}

async function* piece({ bytes }: Content, start: number, end: number) {
  yield bytes.slice(start, end);
}

describe("repositories", () => {
  inFolder("they exist once something was pushed, and are listed sorted", async (folder) => {
    await opened(folder, async (collection) => {
      for (const name of ["b", "a/b", "a", "a-b/c"]) {
        const repository = collection.repository(name);
        await refuses(repository.resolve("1"), "MANIFEST_NOT_FOUND");
        assert.equal(await collection.hasRepository(name), false);
        await pushContent(repository, blob);
        assert.equal(await collection.hasRepository(name), true);
      }
      assert.deepEqual(await collect(collection.listRepositories()), ["a", "a-b/c", "a/b", "b"]);
      assert.deepEqual(await collect(collection.listRepositories({ last: "a-b/c" })), ["a/b", "b"]);
    });
  });

  inFolder("a name cannot leave the folder", async (folder) => {
    await opened(folder, async (collection) => {
      for (const name of ["..", "../a", "a/../b", "/a", "a//b", "A", "a+b", "", "a/"]) {
        assert.throws(() => collection.repository(name), { code: "REFERENCE_INVALID" });
      }
    });
  });

  inFolder("each is a layout that other tools can read", async (folder) => {
    const index = indexOf("layout");
    await opened(folder, async (collection) => {
      const repository = collection.repository("some/where");
      await pushImage(repository, image, "1");
      await pushImage(repository, index, "index");
      await pushImage(repository, signature);
      await repository.tag(subject, "2");
    });
    const layout = await openLayout(join(folder, "repositories", "some+where"));
    assert.deepEqual(await collect(layout.listTags()), ["1", "2", "index"]);
    const roots = (await layout.roots()).map(({ digest }) => digest);
    const expected = [image, index, signature].map(({ manifest }) => manifest.descriptor.digest);
    assert.deepEqual(roots.toSorted(), expected.toSorted());
    const [referrer] = await collect(layout.listReferrers(subject.digest));
    assert.equal(referrer?.digest, signature.manifest.descriptor.digest);
    const text = await readFile(join(layout.folder, "index.json"), "utf8");
    assert.ok(text.includes(`sha256-${subject.digest.slice(7)}`), "no listing for other tools");
  });

  inFolder("a listing of referrers is removed with the last of them", async (folder) => {
    const blobs = join(folder, "repositories", "a", "blobs", "sha256");
    await opened(folder, async (collection) => {
      await pushImage(collection.repository("a"), image, "1");
    });
    const before = await readdir(blobs);
    await opened(folder, async (collection) => {
      await pushImage(collection.repository("a"), signature);
    });
    await opened(folder, (collection) =>
      collection.repository("a").deleteManifest(signature.manifest.descriptor.digest),
    );
    const left = new Set(await readdir(blobs));
    for (const { descriptor } of signature.blobs) left.delete(descriptor.digest.slice(7));
    assert.deepEqual([...left].toSorted(), before.toSorted());
  });
});

describe("sharing", () => {
  const inode = async (folder: string, name: string) => {
    const hex = blob.descriptor.digest.slice(7);
    return (await stat(join(folder, "repositories", name, "blobs", "sha256", hex))).ino;
  };

  inFolder("what is mounted or pushed again takes no space", async (folder) => {
    await opened(folder, async (collection) => {
      const [a, b, c] = ["a", "b", "c"].map((name) => collection.repository(name));
      await pushContent(a!, blob);
      assert.equal(await b!.statBlob(blob.descriptor.digest), undefined);
      await pushContent(b!, blob);
      await c!.mountBlob(blob.descriptor, a!);
      assert.equal(await inode(folder, "b"), await inode(folder, "a"));
      assert.equal(await inode(folder, "c"), await inode(folder, "a"));
    });
  });

  inFolder("a blob that no repository has any more is gone", async (folder) => {
    await opened(folder, async (collection) => {
      const repositories = ["a", "b"].map((name) => collection.repository(name));
      for (const repository of repositories) await pushContent(repository, blob);
      const pool = join(folder, "pool", "sha256");
      for (const left of [1, 0]) {
        await repositories[left]!.deleteBlob(blob.descriptor.digest);
        assert.equal((await readdir(pool)).length, left);
      }
    });
  });

  inFolder("wrong bytes are refused although the right ones are in the pool", async (folder) => {
    await opened(folder, async (collection) => {
      await pushContent(collection.repository("a"), blob);
      const wrong = { ...blob, bytes: noise(20_000, "wrong") };
      await refuses(pushContent(collection.repository("b"), wrong), "DIGEST_MISMATCH");
      assert.equal(await collection.repository("b").statBlob(blob.descriptor.digest), undefined);
    });
  });

  inFolder("bytes that were cut short in one are not shared with the next", async (folder) => {
    await opened(folder, async (collection) => {
      await pushContent(collection.repository("a"), blob);
      const { digest } = blob.descriptor;
      await truncate(join(folder, "repositories/a/blobs/sha256", digest.slice(7)), 100);
      for (const name of ["b", "c", "a"]) {
        await pushContent(collection.repository(name), blob);
        const read = await readBlob(collection.repository(name), blob.descriptor);
        assert.deepEqual(read, Buffer.from(blob.bytes));
      }
    });
  });

  inFolder("bytes that were damaged in one do not win over the right ones", async (folder) => {
    await opened(folder, async (collection) => {
      const [a, b, c] = ["a", "b", "c"].map((name) => collection.repository(name));
      await pushContent(a!, blob);
      const shared = join(folder, "pool", "sha256", blob.descriptor.digest.slice(7));
      await writeFile(shared, noise(20_000, "damaged"));
      await pushContent(b!, blob);
      assert.deepEqual(await readBlob(b!, blob.descriptor), Buffer.from(blob.bytes));
      await pushContent(c!, blob);
      assert.equal(await inode(folder, "c"), await inode(folder, "b"));
    });
  });

  inFolder("an upload of what is here already takes no space either", async (folder) => {
    await opened(folder, async (collection) => {
      const repository = collection.repository("a");
      await pushContent(repository, blob);
      const before = await inode(folder, "a");
      const upload = await repository.createUpload();
      await upload.append(piece(blob, 0, 20_000));
      await upload.commit(blob.descriptor.digest);
      assert.equal(await inode(folder, "a"), before);
    });
  });

  inFolder("nothing is mounted from another data directory", async (folder) => {
    await opened(join(folder, "1"), async (one) => {
      await pushContent(one.repository("a"), blob);
      await opened(join(folder, "2"), async (other) => {
        assert.equal(other.repository("a").canMount(one.repository("a")), false);
      });
    });
  });
});

describe("uploads", () => {
  inFolder("they outlive the process", async (folder) => {
    const id = await opened(folder, async (collection) => {
      const upload = await collection.repository("a").createUpload();
      await upload.append(piece(blob, 0, 9000));
      return upload.id;
    });
    await opened(folder, async (collection) => {
      await refuses(collection.repository("b").openUpload(id), "UPLOAD_UNKNOWN");
      const upload = await collection.repository("a").openUpload(id);
      assert.equal(upload.size, 9000);
      await upload.append(piece(blob, 9000, 20_000));
      await upload.commit(blob.descriptor.digest);
      const read = await readBlob(collection.repository("a"), blob.descriptor);
      assert.deepEqual(read, Buffer.from(blob.bytes));
    });
  });

  inFolder("that of a living process is not taken from it", async (folder) => {
    await opened(folder, async (one) => {
      const upload = await one.repository("a").createUpload();
      await upload.append(piece(blob, 0, 9000));
      await opened(folder, async (other) => {
        await refuses(other.repository("a").openUpload(upload.id), "UPLOAD_UNKNOWN");
      });
      await upload.append(piece(blob, 9000, 20_000));
      await upload.commit(blob.descriptor.digest);
    });
  });

  inFolder("that of a process that ended is taken over by one that lives", async (folder) => {
    await opened(folder, async (other) => {
      const id = await opened(folder, async (one) => (await one.repository("a").createUpload()).id);
      const upload = await other.repository("a").openUpload(id);
      await upload.append(piece(blob, 0, 20_000));
      await upload.commit(blob.descriptor.digest);
    });
  });

  inFolder("more may be open than files are kept open", async (folder) => {
    await opened(folder, async (collection) => {
      const repository = collection.repository("a");
      const uploads = await Promise.all(
        Array.from({ length: 200 }, () => repository.createUpload()),
      );
      for (const upload of uploads) await upload.append(piece(blob, 0, 9000));
      for (const upload of uploads) await upload.append(piece(blob, 9000, 20_000));
      for (const upload of uploads) await upload.commit(blob.descriptor.digest);
      assert.equal((await repository.statBlob(blob.descriptor.digest))?.size, 20_000);
    });
  });

  inFolder("those that were abandoned are forgotten", async (folder) => {
    await opened(folder, async (collection) => {
      const repository = collection.repository("a");
      const { id } = await repository.createUpload();
      assert.equal(await collection.expireUploads(60_000), 0);
      assert.equal(await collection.expireUploads(0), 1);
      await refuses(repository.openUpload(id), "UPLOAD_UNKNOWN");
    });
  });

  inFolder("those that nobody has continued for a week are forgotten", async (folder) => {
    const [old, young] = await opened(folder, async (collection) => {
      const repository = collection.repository("a");
      return [(await repository.createUpload()).id, (await repository.createUpload()).id];
    });
    const names = await readdir(join(folder, "uploads"), { recursive: true });
    const path = join(
      folder,
      "uploads",
      names.find((name) => name.endsWith(old!))!,
    );
    const then = new Date(Date.now() - 8 * 24 * 3600_000);
    await utimes(path, then, then);
    await opened(folder, async (collection) => {
      const repository = collection.repository("a");
      await refuses(repository.openUpload(old!), "UPLOAD_UNKNOWN");
      assert.equal((await repository.openUpload(young!)).size, 0);
    });
  });

  inFolder(
    "one that the disk has lost a part of cannot be ended by a second try",
    async (folder) => {
      await opened(folder, async (collection) => {
        const repository = collection.repository("a");
        const { digest } = blob.descriptor;
        const upload = await repository.createUpload();
        await upload.append(piece(blob, 0, blob.bytes.length));
        const failed = await failing(1, "EIO", () => upload.commit(digest), "sync");
        assert.ok(isError(failed, "FILE_FAILED"));
        await refuses(upload.commit(digest), "UPLOAD_UNKNOWN");
        await refuses(repository.openUpload(upload.id), "UPLOAD_UNKNOWN");
        assert.equal(await repository.statBlob(digest), undefined);
        await pushContent(repository, blob);
      });
    },
  );

  inFolder("a full disk keeps what came before", async (folder) => {
    await opened(folder, async (collection) => {
      const upload = await collection.repository("a").createUpload();
      await upload.append(piece(blob, 0, 9000));
      const append = () => upload.append(piece(blob, 9000, 20_000));
      assert.ok(isError(await failing(1, "ENOSPC", append, "write"), "DISK_FULL"));
      assert.equal(upload.size, 9000);
      await append();
      await upload.commit(blob.descriptor.digest);
    });
  });
});

describe("what goes wrong", () => {
  inFolder("a step that fails is reported, and the next try succeeds", async (folder) => {
    for (let step = 1; ; step += 2) {
      const path = join(folder, String(step));
      const failed = await opened(path, async (collection) => {
        const repository = collection.repository("a");
        const push = async () => {
          await pushImage(repository, image, "1");
          await pushImage(repository, signature);
        };
        const failure = await failing(step, "ENOSPC", push);
        if (failure !== undefined) assert.ok(isError(failure, "DISK_FULL"), String(failure));
        await push();
        assert.equal((await repository.resolve("1")).digest, subject.digest);
        return failure;
      });
      const layout = await openLayout(join(path, "repositories", "a"));
      assert.equal((await layout.fetchManifest("1")).descriptor.digest, subject.digest);
      assert.deepEqual(await readdir(path), ["catalog.db", "pool", "repositories"], `step ${step}`);
      if (failed === undefined) break;
    }
  });

  inFolder(
    "a log that the disk has lost a part of takes no more until it is opened again",
    async (folder) => {
      const collection = await openCollection(folder);
      const repository = collection.repository("a");
      await pushImage(repository, image, "1");
      const probe = await open(join(folder, "catalog.db"));
      const files = Object.getPrototypeOf(probe) as FileHandle;
      await probe.close();
      const error = Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
      // As Linux does: it is told once.
      const broken = mock.method(files, "datasync", () => Promise.reject(error), { times: 1 });
      await refuses(repository.deleteTag("1"), "FILE_FAILED");
      assert.equal(broken.mock.callCount(), 1);
      await refuses(pushImage(repository, image, "2"), "FILE_FAILED");
      assert.equal((await repository.resolve(subject.digest)).digest, subject.digest);
      await refuses(collection.close(), "FILE_FAILED");
      broken.mock.restore();
      await opened(folder, async (again) => {
        await pushImage(again.repository("a"), image, "2");
      });
    },
  );

  inFolder("a catalogue that is lost is made from the layouts", async (folder) => {
    const index = indexOf("lost");
    await opened(folder, async (collection) => {
      await pushImage(collection.repository("a/b"), index, "index");
      await pushImage(collection.repository("a/b"), signature);
    });
    await rm(join(folder, "catalog.db"));
    await opened(folder, async (collection) => {
      assert.deepEqual(await collect(collection.listRepositories()), ["a/b"]);
      const repository = collection.repository("a/b");
      assert.equal((await repository.resolve("index")).digest, index.manifest.descriptor.digest);
      const child = index.children[0]!.manifest.descriptor.digest;
      assert.equal((await repository.fetchManifest(child)).descriptor.digest, child);
      const [referrer] = await collect(repository.listReferrers(subject.digest));
      assert.equal(referrer?.digest, signature.manifest.descriptor.digest);
    });
  });

  inFolder("a layout of another tool that is damaged is named, not replaced", async (folder) => {
    const path = join(folder, "repositories", "a", "index.json");
    await opened(folder, (collection) => pushImage(collection.repository("a"), image, "1"));
    await rm(join(folder, "catalog.db"));
    await writeFile(path, "damaged");
    await assert.rejects(openCollection(folder), (error) => {
      return isError(error, "LAYOUT_INVALID") && error.message.includes(path);
    });
    assert.equal(await readFile(path, "utf8"), "damaged");
  });

  inFolder("a catalogue that is none is named, not replaced", async (folder) => {
    const path = join(folder, "catalog.db");
    await writeFile(path, "this is not a database, and never was one".repeat(100));
    await assert.rejects(openCollection(folder), (error) => {
      return isError(error, "LAYOUT_INVALID") && error.message.includes(path);
    });
    assert.match(await readFile(path, "utf8"), /never was one/);
  });
});

describe("several processes", () => {
  inFolder("one sees what the other wrote", async (folder) => {
    await opened(folder, async (one) => {
      await opened(folder, async (other) => {
        await pushImage(one.repository("a"), image, "1");
        assert.equal((await other.repository("a").resolve("1")).digest, subject.digest);
        await Promise.all(
          Array.from({ length: 50 }, (_, n) =>
            (n % 2 === 0 ? one : other).repository("a").tag(subject, `t${n}`),
          ),
        );
        assert.equal((await collect(one.repository("a").listTags())).length, 51);
      });
    });
    const layout = await openLayout(join(folder, "repositories", "a"));
    assert.equal((await collect(layout.listTags())).length, 51);
  });

  inFolder(
    "a manifest that is deleted while it is pushed is there whole, or not",
    async (folder) => {
      await opened(folder, async (one) => {
        await opened(folder, async (other) => {
          const [a, b] = [one.repository("a"), other.repository("a")];
          const { digest } = subject;
          for (let round = 0; round < 10; round++) {
            await a.pushManifest(image.manifest, { tag: "1" });
            await Promise.all([
              b.deleteManifest(digest),
              a.pushManifest(image.manifest, { tag: "1" }),
              b.pushManifest(image.manifest, { tag: "2" }),
            ]);
            for (const tag of await collect(a.listTags())) {
              // Not from the cache of manifests: it must be in the folder.
              const { size } = await a.resolve(tag);
              assert.equal((await b.statBlob(digest))?.size, size);
            }
          }
        });
      });
    },
  );
});
