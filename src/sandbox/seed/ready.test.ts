import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import type { Digest } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { isPassword } from "../accounts/secrets.ts";
import { Dock } from "./images.ts";
import { largeSeed } from "./large.ts";
import { ready } from "./ready.ts";
import { smallSeed } from "./small.ts";
import { tagsOf } from "./tags.ts";

const again = "run node scripts/prepare-seed.ts";

test("all images of our seeds are ready, and are what would be built", async () => {
  const { images, contents } = ready();
  const seeds = [...smallSeed.repositories!, ...largeSeed().repositories!];
  const names = new Set(seeds.flatMap((one) => tagsOf(one).map(({ image }) => image)));
  assert.deepEqual(
    [...names].filter((name) => !Object.hasOwn(images, name)),
    [],
    again,
  );
  for (const [digest, text] of Object.entries(contents))
    assert.equal(digestOf(Buffer.from(text, "latin1")), digest);
  for (const name of ["hello", "hello@1.6.0", "plain"]) {
    const dock = new Dock();
    await dock.build(name);
    const built = dock.get(name);
    const bytes = await dock.contents();
    // How well gzip compresses is a matter of Node's release, and so are the digests of layers; what is in them is not.
    const plain = (of: (digest: Digest) => Uint8Array, { blobs, rows }: typeof built) => ({
      types: rows.map(({ descriptor, contentType }) => [descriptor.mediaType, contentType]),
      blobs: blobs.map(({ mediaType, digest }) => {
        const content = Buffer.from(of(digest));
        const inside = mediaType.endsWith("gzip") ? gunzipSync(content) : content;
        return inside.toString("latin1").replace(/[0-9a-f]{64}/g, "");
      }),
    });
    assert.deepEqual(
      plain((digest) => Buffer.from(contents[digest]!, "latin1"), images[name]!),
      plain((digest) => bytes.get(digest)!, built),
      again,
    );
  }
});

test("the large seed is the same each time", () => {
  // Not deepEqual, which would write out what differs among a hundred thousand tags.
  assert(JSON.stringify(largeSeed()) === JSON.stringify(largeSeed()));
});

test("the passwords of our accounts are kept as they would be", () => {
  const { passwords } = ready();
  for (const { password } of smallSeed.accounts ?? [])
    if (password !== undefined) assert(isPassword(password, passwords[password] ?? ""), again);
});
