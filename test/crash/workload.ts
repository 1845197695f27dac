/** What is pushed while a process is killed: operations, and what a store holds after each of them. */
import { imageOf, indexOf, noise, contentOf } from "../../src/store/behaviours/content.ts";
import type { Content, Image } from "../../src/store/behaviours/content.ts";
import { pushContent, pushImage } from "../../src/store/behaviours/trial.ts";
import { isError } from "../../src/errors.ts";
import { openCollection } from "../../src/store/collection/collection.ts";
import { openLayout } from "../../src/store/layout/layout.ts";
import type { Repository } from "../../src/store/store.ts";

export type Kind = "layout" | "collection";

/** What was confirmed. */
export interface State {
  readonly tags: Map<string, string>;
  readonly manifests: Map<string, Content>;
  readonly blobs: Map<string, Content>;
  /** Digests of referrers of the first image. */
  readonly referrers: Set<string>;
}

interface Operation {
  readonly run: (store: Repository) => Promise<void>;
  readonly expect: (state: State) => void;
}

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
export const operations: readonly Operation[] = [
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
export function stateAfter(count: number): State {
  const state: State = {
    tags: new Map(),
    manifests: new Map(),
    blobs: new Map(),
    referrers: new Set(),
  };
  for (const { expect } of operations.slice(0, count)) expect(state);
  return state;
}

/** Opens the store that is killed, or looked at afterwards. */
export async function openKind(kind: Kind, folder: string) {
  if (kind === "layout") {
    const layout = await openLayout(folder, { create: true });
    return { store: layout, expire: () => layout.expireUploads(0), close: () => layout.close() };
  }
  const collection = await openCollection(folder);
  return {
    store: collection.repository("a/b"),
    expire: () => collection.expireUploads(0),
    close: () => collection.close(),
  };
}

/** Where the store's layout is. */
export function layoutFolder(kind: Kind, folder: string): string {
  return kind === "layout" ? folder : `${folder}/repositories/a+b`;
}

function push(image: Image, tag?: string): Operation {
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

function blobsOf({ blobs, children }: Image): Content[] {
  return [...blobs, ...children.flatMap(blobsOf)];
}

async function* pieces(bytes: Uint8Array) {
  for (let start = 0; start < bytes.length; start += 9000) yield bytes.slice(start, start + 9000);
}

async function unlessMissing(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isError(error, "MANIFEST_NOT_FOUND")) throw error;
  });
}
