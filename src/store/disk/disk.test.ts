import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { isError } from "../../errors.ts";
import { noise } from "../behaviours/content.ts";
import { refuses } from "../behaviours/trial.ts";
import { createFolder } from "./files.ts";
import { FileWriter } from "./fileWriter.ts";
import { Flush } from "./flush.ts";
import { takeLock, tryLock } from "./lock.ts";
import { onStep } from "./steps.ts";
import { failing, temporaryFolder } from "./testing.ts";
import { Workspace } from "./workspace.ts";

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const { folder, remove } = await temporaryFolder();
  try {
    await run(folder);
  } finally {
    await remove();
  }
}

/** Runs a program that says when it is ready, and is then killed. */
async function killedWhenReady(program: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
}

const here = import.meta.dirname;

describe("a lock", () => {
  test("is held by one at a time, and leaves no file", () =>
    withFolder(async (folder) => {
      const path = join(folder, "lock");
      const first = await takeLock(path);
      assert.equal(tryLock(path), undefined);
      let free = false;
      const second = takeLock(path).then((lock) => {
        assert.ok(free);
        return lock;
      });
      free = true;
      await first.release();
      await (await second).release();
      assert.deepEqual(await readdir(folder), []);
    }));

  test("passes from hand to hand among many", () =>
    withFolder(async (folder) => {
      const path = join(folder, "lock");
      let holders = 0;
      const turn = async () => {
        const lock = await takeLock(path);
        holders += 1;
        assert.equal(holders, 1);
        await readdir(folder);
        holders -= 1;
        await lock.release();
      };
      await Promise.all(Array.from({ length: 20 }, turn));
    }));

  test("is free when its holder is killed", () =>
    withFolder(async (folder) => {
      const path = join(folder, "lock");
      await killedWhenReady(
        `import { tryLock } from ${JSON.stringify(join(here, "lock.ts"))};
         globalThis.lock = tryLock(process.argv[1]);
         console.log("ready");
         setInterval(() => {}, 1000);`,
        path,
      );
      assert.deepEqual(await readdir(folder), ["lock"]);
      await tryLock(path)!.release();
    }));

  test("is not waited for once the caller has enough", () =>
    withFolder(async (folder) => {
      const path = join(folder, "lock");
      const lock = await takeLock(path);
      const abort = new AbortController();
      const waiting = takeLock(path, { signal: abort.signal });
      abort.abort();
      await refuses(waiting, "INTERRUPTED");
      await lock.release();
    }));
});

describe("a workspace", () => {
  test("cleans up after the dead, not the living", () =>
    withFolder(async (folder) => {
      await killedWhenReady(
        `import { Workspace } from ${JSON.stringify(join(here, "workspace.ts"))};
         import { writeFileSync } from "node:fs";
         globalThis.workspace = await Workspace.open(process.argv[1]);
         for (const path of [workspace.path("kept"), workspace.path()]) writeFileSync(path, "");
         console.log("ready");
         setInterval(() => {}, 1000);`,
        folder,
      );
      const living = await Workspace.open(folder, (name) => name === "kept");
      assert.deepEqual(await living.list(), ["kept"]);
      const other = await Workspace.open(folder, () => true);
      assert.deepEqual(await other.list(), []);
      assert.equal((await readdir(folder)).length, 2);
      await other.close();
      await living.close();
    }));

  test("removes nothing that is not its own", () =>
    withFolder(async (folder) => {
      const home = join(folder, "home");
      const root = join(folder, "root");
      for (const path of [home, root]) await mkdir(path);
      const precious = [join(home, "thesis"), join(home, "0123456789abcdef.part")];
      for (const path of precious) await writeFile(path, "");
      await symlink(home, join(root, "0123456789abcdef"));
      await mkdir(join(root, "fedcba9876543210"));
      await writeFile(join(root, "fedcba9876543210", "thesis"), "");
      await (await Workspace.open(root)).close();
      assert.deepEqual((await readdir(home)).toSorted(), ["0123456789abcdef.part", "thesis"]);
      assert.deepEqual(await readdir(join(root, "fedcba9876543210")), ["thesis"]);

      await symlink(home, join(folder, "elsewhere"));
      await refuses(Workspace.open(join(folder, "elsewhere")), "LAYOUT_INVALID");
      await symlink(join(home, "new"), join(root, "lock"));
      assert.throws(() => tryLock(join(root, "lock")), { code: "LAYOUT_INVALID" });
      assert.ok(!(await readdir(home)).includes("new"));
    }));

  test("leaves nothing when it had nothing", () =>
    withFolder(async (folder) => {
      const root = join(folder, "root");
      await mkdir(root);
      const workspaces = await Promise.all([1, 2, 3].map(() => Workspace.open(root)));
      for (const workspace of workspaces) await workspace.close();
      assert.deepEqual(await readdir(folder), []);
    }));
});

for (const here of [true, false]) {
  describe(`a file writer on ${here ? "this" : "another"} thread`, () => {
    const bytes = noise(300_000);

    test("writes all chunks in order, and gives each back", () =>
      withFolder(async (folder) => {
        const path = join(folder, "file");
        const handle = await open(path, "wx");
        const given: Uint8Array[] = [];
        const returned: Uint8Array[] = [];
        const writer = new FileWriter(handle, path, {
          here,
          recycle: (chunk) => returned.push(chunk),
        });
        for (let start = 0; start < bytes.length; start += 777) {
          const chunk = bytes.slice(start, start + 777);
          given.push(chunk);
          await writer.write(chunk);
        }
        await writer.flush();
        await handle.close();
        assert.equal(writer.position, bytes.length);
        assert.deepEqual(await readFile(path), Buffer.from(bytes));
        assert.deepEqual(returned, given);
      }));

    test("says that the disk is full, with what is written so far", async () => {
      const handle = await open("/dev/full", "r+");
      try {
        const writer = new FileWriter(handle, "/dev/full", { here });
        void writer.write(bytes);
        await refuses(writer.flush(), "DISK_FULL");
        assert.equal(writer.position, 0);
        assert.throws(
          () => writer.write(bytes),
          (error) => isError(error, "DISK_FULL"),
        );
      } finally {
        await handle.close();
      }
    });

    test("says that the disk has lost what was sent to it in the background", async () => {
      const taking = await open("/dev/null", "r+");
      const handle = {
        fd: taking.fd,
        writev: (...given: Parameters<FileHandle["writev"]>) => taking.writev(...given),
        datasync: async () => {
          throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
        },
      };
      try {
        const writer = new FileWriter(handle as unknown as FileHandle, "file", { here });
        assert.ok(!writer.lost);
        void writer.write(new Uint8Array(64 << 20));
        await refuses(writer.flush(), "FILE_FAILED");
        assert.ok(writer.lost);
      } finally {
        await taking.close();
      }
    });

    test("counts what is in the file when a later chunk fails", () =>
      withFolder(async (folder) => {
        const path = join(folder, "file");
        const handle = await open(path, "wx");
        const writer = new FileWriter(handle, path, { here });
        const write = async () => {
          await writer.write(bytes);
          await writer.flush();
          await writer.write(bytes);
          await writer.flush();
        };
        assert.ok(isError(await failing(2, "EIO", write, "write"), "FILE_FAILED"));
        assert.equal(writer.position, bytes.length);
        await handle.close();
      }));
  });
}

describe("a folder", () => {
  test("is made with its parents, each name once on the disk, and may be there", () =>
    withFolder(async (folder) => {
      const path = join(folder, "a", "b", "c");
      const synced: string[] = [];
      onStep((step, at) => void (step === "sync" && synced.push(at)));
      try {
        await Promise.all([createFolder(path), createFolder(path)]);
        await createFolder(path);
      } finally {
        onStep(undefined);
      }
      assert.deepEqual(await readdir(path), []);
      const parents = [folder, join(folder, "a"), join(folder, "a", "b")];
      assert.deepEqual(synced.toSorted(), parents);
    }));

  test("that cannot be made is told, with what is in the way", () =>
    withFolder(async (folder) => {
      const file = join(folder, "file");
      await writeFile(file, "");
      for (const path of [file, join(file, "a", "b")])
        await assert.rejects(createFolder(path), { code: "FILE_FAILED" });
      await assert.rejects(createFolder(join(folder, "a".repeat(300))), { code: "FILE_FAILED" });
    }));

  test(
    "is not waited for where the system makes none",
    { skip: !existsSync("/proc/self") },
    async () => {
      // In a process of its own: what hangs would hang the test as well.
      const program = `import { createFolder } from ${JSON.stringify(join(here, "files.ts"))};
      await createFolder("/proc/wharfinger/a/b").catch((error) => console.log(error.code, error.message));`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
        stdio: ["ignore", "pipe", "inherit"],
        timeout: 10_000,
      });
      const said = (await child.stdout.setEncoding("utf8").toArray()).join("");
      assert.equal(said, "FILE_FAILED /proc/wharfinger: cannot be made, /proc takes no folders\n");
    },
  );
});

test("a flush that begins after the call serves it, one for many", async () => {
  let runs = 0;
  const releases: (() => void)[] = [];
  const flush = new Flush(() => {
    runs += 1;
    return new Promise((resolve) => releases.push(resolve));
  });
  const first = flush.run();
  const others = [flush.run(), flush.run(), flush.run()];
  assert.equal(runs, 1);
  releases.shift()!();
  await first;
  await Promise.resolve();
  assert.equal(runs, 2);
  releases.shift()!();
  await Promise.all(others);
  assert.equal(runs, 2);
});
