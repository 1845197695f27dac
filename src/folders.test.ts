import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { makeFolders, makeFoldersSync } from "./folders.ts";

const ways: readonly [string, (path: string, mode?: number) => unknown][] = [
  ["", makeFolders],
  [", at once", makeFoldersSync],
];

for (const [title, make] of ways) {
  test(`a folder is made with its parents and their mode, and may be there${title}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "folders-"));
    try {
      const path = join(folder, "a", "b", "c");
      await make(path, 0o700);
      await make(path, 0o755);
      for (const one of [path, join(folder, "a")])
        assert.equal((await stat(one)).mode & 0o777, 0o700);
      const file = join(folder, "file");
      await writeFile(file, "");
      await assert.rejects(async () => make(file), { code: "EEXIST" });
      await assert.rejects(async () => make(join(file, "a")), { code: "ENOTDIR" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test(
    `nobody waits where the system makes none${title}`,
    { skip: !existsSync("/proc/self") },
    async () => {
      // In a process of its own: what hangs would hang the test as well.
      const program = `import { ${make.name} } from ${JSON.stringify(new URL("folders.ts", import.meta.url))};
        try { await ${make.name}("/proc/wharfinger/a/b"); } catch (error) { console.log(error.code, error.message); }`;
      const words = ["--input-type=module", "--eval", program];
      const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 20_000 });
      assert.equal(
        stdout,
        "FILE_FAILED /proc/wharfinger: cannot be made, /proc takes no folders\n",
      );
    },
  );
}
