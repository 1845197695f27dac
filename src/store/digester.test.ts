import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, test } from "node:test";

import type { DigestAlgorithm } from "../reference/digest.ts";
import { noise } from "./behaviours/content.ts";
import { createDigester } from "./digester.ts";
import type { Digester } from "./digester.ts";
import { ThreadDigester } from "./hashing/threadDigester.ts";

const bytes = noise(9_000_000);

function expected(algorithm: DigestAlgorithm, data: Uint8Array): string {
  return `${algorithm}:${createHash(algorithm).update(data).digest("hex")}`;
}

async function digest(digester: Digester, data: Uint8Array, size: number): Promise<string> {
  for (let start = 0; start < data.length; start += size) {
    const chunk = data.slice(start, start + size);
    await digester.update(chunk);
    // It is the caller's again.
    chunk.fill(0);
  }
  return digester.digest();
}

for (const [name, create] of [
  ["here", (algorithm: DigestAlgorithm) => createDigester(algorithm)],
  ["on another thread", (algorithm: DigestAlgorithm) => new ThreadDigester(algorithm)],
] as const) {
  describe(`a hash ${name}`, () => {
    test("is that of the bytes, however they are cut", async () => {
      for (const algorithm of ["sha256", "sha512"] as const) {
        for (const size of [100_000, 262_144, 1 << 20, bytes.length]) {
          const digester = create(algorithm);
          assert.equal(await digest(digester, bytes, size), expected(algorithm, bytes));
          assert.equal(digester.size, bytes.length);
        }
        assert.equal(await create(algorithm).digest(), expected(algorithm, new Uint8Array()));
      }
    });

    test("does not mix with others", async () => {
      const parts = Array.from({ length: 6 }, (_, n) => noise(700_000, `part ${n}`));
      const digests = await Promise.all(
        parts.map((part) => digest(create("sha256"), part, 50_000)),
      );
      assert.deepEqual(
        digests,
        parts.map((part) => expected("sha256", part)),
      );
    });

    test("may be given up", async () => {
      for (let n = 0; n < 50; n++) {
        const digester = create("sha256");
        await digester.update(bytes.slice(0, 300_000));
        digester.dispose();
        digester.dispose();
      }
      assert.equal(await digest(create("sha256"), bytes, 1 << 20), expected("sha256", bytes));
    });
  });
}

test("a thread does not keep the process alive, nor let it end before the digest", () => {
  const program = `
    import { createDigester } from ${JSON.stringify(join(import.meta.dirname, "digester.ts"))};
    const digester = createDigester("sha256", { size: 1e9 });
    for (let n = 0; n < 40; n++) await digester.update(new Uint8Array(1 << 20));
    createDigester("sha256", { size: 1e9 }).update(new Uint8Array(1));
    console.log(await digester.digest());`;
  const args = ["--input-type=module", "--eval", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(stdout, `${expected("sha256", new Uint8Array(40 << 20))}\n`);
  assert.equal(stderr, "");
  assert.equal(status, 0);
});
