/** Writes src/sandbox/seed/prepared.ts: the images of our seeds, built. To be run where src/sandbox/seed/hello.ts has changed. */
import { writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";

import { hashPassword } from "../src/sandbox/accounts/secrets.ts";
import { Dock } from "../src/sandbox/seed/images.ts";
import { largeSeed } from "../src/sandbox/seed/large.ts";
import type { Ready } from "../src/sandbox/seed/ready.ts";
import { smallSeed } from "../src/sandbox/seed/small.ts";
import { tagsOf } from "../src/sandbox/seed/tags.ts";

const names = (largeSeed().repositories ?? []).flatMap((repository) =>
  tagsOf(repository).map(({ image }) => image),
);
const dock = new Dock();
for (const name of new Set(["hello", ...names])) await dock.build(name);
const passwords = (smallSeed.accounts ?? []).flatMap(({ password }) => password ?? []);
const ready: Ready = {
  images: Object.fromEntries(
    [...new Set(["hello", ...names])].map((name) => [name, dock.get(name)]),
  ),
  contents: Object.fromEntries(
    [...(await dock.contents())].map(([digest, bytes]) => [
      digest,
      Buffer.from(bytes).toString("latin1"),
    ]),
  ),
  passwords: Object.fromEntries(passwords.map((password) => [password, hashPassword(password)])),
};
const text = brotliCompressSync(JSON.stringify(ready)).toString("base64");
await writeFile(
  new URL("../src/sandbox/seed/prepared.ts", import.meta.url),
  `/** Written by scripts/prepare-seed.ts: JSON, by Brotli, in base 64. */\nexport const prepared =\n  "${text}";\n`,
);
