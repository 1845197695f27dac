import { stat } from "node:fs/promises";
import type { NamedBlob } from "../../blobstore/contents.ts";
import { checkTag } from "../../reference/reference.ts";
import { isDigest, parseDigest } from "../../reference/digest.ts";
import { nameBlobs, sizeOf } from "../aliases.ts";
import { command } from "../command.ts";
import { openRepository } from "../open.ts";

export default command({
  arguments: [
    { name: "REPO", about: "Repository, or oci:DIR, that has the blobs" },
    { name: "NAME", about: "The alias; it is a tag" },
    { name: "DIGEST", about: "The blobs, or files with their bytes, in order", repeated: true },
  ],
  flags: {},
  persists: true,
  about:
    "The alias is a manifest whose layers are the blobs, the same that dxf writes; prints its digest. wharf tags lists aliases, wharf blob list and get read one, wharf delete removes it.",
  examples: [
    {
      command: "wharf blob alias localhost:5000/data may15 sha256:… sha256:…",
      does: "One name for two blobs",
    },
  ],
  async run(call) {
    const { output, signal } = call;
    const [where = "", alias = "", ...words] = call.arguments;
    checkTag(alias);
    const { store, repository } = await openRepository(call, where, "statBlob", "pushManifest");
    const blobs: Required<NamedBlob>[] = [];
    for (const word of words) {
      const digest = isDigest(word) ? word : await digestOfFile(word, signal);
      blobs.push({ digest, size: await sizeOf(store, digest, repository, signal) });
    }
    const manifest = await nameBlobs(store, alias, blobs, signal);
    await (output.json
      ? output.value({ repository, alias, manifest, blobs })
      : output.line(manifest));
  },
});

/** @throws WharfError DIGEST_INVALID for what is no file, but looks as if a digest was meant */
async function digestOfFile(word: string, signal: AbortSignal): Promise<string> {
  const { hashFile } = await import("../../blobstore/pushable.ts");
  const isThere = await stat(word).then(
    () => true,
    () => false,
  );
  if (!isThere && /^(?:sha\d+:|[0-9a-f]{32,}$)/i.test(word)) parseDigest(word);
  return hashFile(word, { signal });
}
