/** What is pushed while a process is killed: operations, and what a store holds after each of them. */
import { imageOf, indexOf, noise, contentOf } from "../../src/store/behaviours/content.js";
import { pushContent, pushImage } from "../../src/store/behaviours/trial.js";
import { isError } from "../../src/errors.js";
import { openCollection } from "../../src/store/collection/collection.js";
import { openLayout } from "../../src/store/layout/layout.js";
const first = imageOf("first");
const second = imageOf("second");
const doomed = imageOf("doomed");
const many = indexOf("many");
const signature = imageOf("signature", {
  artifactType: "application/vnd.example.signature",
  subject: first.manifest.descriptor,
});
const uploaded = contentOf(noise(40_000, "uploaded"));
export const subject = first.manifest.descriptor.digest;
/** Done one after the other, and possible again after they were done in part or whole. */
export const operations = [
  push(doomed, "doomed"),
  push(first, "a"),
  push(many, "many"),
  push(signature),
  {
    run: (store) => store.tag(first.manifest.descriptor, "latest"),
    expect: ({ tags }) => tags.set("latest", subject),
  },
  push(second, "latest"),
  {
    run: (store) => unlessMissing(store.deleteTag("a")),
    expect: ({ tags }) => tags.delete("a"),
  },
  {
    run: async (store) => {
      const upload = await store.createUpload();
      await upload.append(pieces(uploaded.bytes.subarray(0, 25_000)));
      await upload.append(pieces(uploaded.bytes.subarray(25_000)), { offset: 25_000 });
      await upload.commit(uploaded.descriptor.digest);
    },
    expect: ({ blobs }) => blobs.set(uploaded.descriptor.digest, uploaded),
  },
  {
    run: (store) => unlessMissing(store.deleteManifest(doomed.manifest.descriptor.digest)),
    expect: ({ tags, manifests, blobs }) => {
      tags.delete("doomed");
      manifests.delete(doomed.manifest.descriptor.digest);
      blobs.delete(doomed.manifest.descriptor.digest);
    },
  },
];
/** What is there after the first `count` operations. */
export function stateAfter(count) {
  const state = {
    tags: new Map(),
    manifests: new Map(),
    blobs: new Map(),
    referrers: new Set(),
  };
  for (const { expect } of operations.slice(0, count)) expect(state);
  return state;
}
/** Opens the store that is killed, or looked at afterwards. */
export async function openKind(kind, folder) {
  if (kind === "layout") {
    const layout = await openLayout(folder, { create: true });
    return { store: layout, close: () => layout.close() };
  }
  const collection = await openCollection(folder);
  return { store: collection.repository("a/b"), close: () => collection.close() };
}
/** Where the store's layout is. */
export function layoutFolder(kind, folder) {
  return kind === "layout" ? folder : `${folder}/repositories/a+b`;
}
function push(image, tag) {
  return {
    // What can be done at once is, so that the process dies in the midst of several things.
    run: async (store) => {
      await Promise.all(blobsOf(image).map((blob) => pushContent(store, blob)));
      await Promise.all(image.children.map((child) => store.pushManifest(child.manifest)));
      await pushImage(store, { ...image, blobs: [], children: [] }, tag);
    },
    expect: ({ tags, manifests, blobs, referrers }) => {
      for (const blob of blobsOf(image)) blobs.set(blob.descriptor.digest, blob);
      for (const { manifest } of [...image.children, image]) {
        manifests.set(manifest.descriptor.digest, manifest);
        blobs.set(manifest.descriptor.digest, manifest);
      }
      const { digest } = image.manifest.descriptor;
      if (tag !== undefined) tags.set(tag, digest);
      if (image === signature) referrers.add(digest);
    },
  };
}
function blobsOf({ blobs, children }) {
  return [...blobs, ...children.flatMap(blobsOf)];
}
async function* pieces(bytes) {
  for (let start = 0; start < bytes.length; start += 9000) yield bytes.slice(start, start + 9000);
}
async function unlessMissing(work) {
  await work.catch((error) => {
    if (!isError(error, "MANIFEST_NOT_FOUND")) throw error;
  });
}
