import assert from "node:assert/strict";
import { test } from "node:test";

import { mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { createMemoryCollection } from "../../store/memory.ts";
import type { Repository, RepositoryCollection } from "../../store/store.ts";
import { State } from "../state/state.ts";
import { leaveWaiting, store, storeImage } from "../state/stored.ts";
import type { Rooms } from "./rooms.ts";
import { Shelves } from "./shelves.ts";

/** Has `alice/box` wait, with a tag of an image of nothing. */
function plant(state: State): void {
  const config = Buffer.from("{}");
  const blob = { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: 2 };
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: blob,
    layers: [],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestOf(bytes);
  const manifest = { mediaType: mediaTypes.ociManifest, digest, size: bytes.byteLength };
  store(state, blob.digest, config);
  store(state, digest, bytes);
  storeImage(state, digest, { manifests: [manifest], blobs: [blob] });
  leaveWaiting(state, "alice/box", [digest], [["latest", digest]]);
}

/** Rooms of which the first takes no blobs before `until`; `asked` is told when another one is wanted. */
function slowRooms(until: Promise<void>, asked: () => void): Rooms {
  const room = (collection: RepositoryCollection) => ({
    collection,
    enter: () => {},
    clear: () => collection.close(),
  });
  const waiting = (repository: Repository): Repository => {
    const push = repository.pushBlob.bind(repository);
    return Object.assign(repository, {
      pushBlob: async (...given: Parameters<Repository["pushBlob"]>) => {
        await until;
        return push(...given);
      },
    });
  };
  return {
    async current() {
      const collection = createMemoryCollection();
      const repository = collection.repository.bind(collection);
      return room(
        Object.assign(collection, { repository: (name: string) => waiting(repository(name)) }),
      );
    },
    async next() {
      asked();
      return room(createMemoryCollection());
    },
  };
}

/** Everything begins anew while somebody has just touched a repository; `go` lets them finish. */
async function moved() {
  const state = new State(":memory:");
  plant(state);
  let go = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  let opening: Promise<unknown> | undefined;
  const rooms = slowRooms(gate, () => (opening = shelves.open("alice/box")));
  const shelves = await Shelves.open(rooms, state);
  await shelves.move((enter) =>
    state.renew(() => {
      enter();
      plant(state);
    }),
  );
  const finish = async () => {
    go();
    await opening;
  };
  return { state, shelves, finish };
}

test("what is laid into a room that is left waits for the next one as before", async () => {
  const { shelves, finish } = await moved();
  await finish();
  assert.equal(shelves.isWaiting("alice/box"), true);
  const { mediaType } = await shelves.repository("alice/box").resolve("latest");
  assert.equal(mediaType, mediaTypes.ociManifest);
});

test("who asks in the next room does not wait for what is laid into the one before", async () => {
  const { state, shelves, finish } = await moved();
  const { mediaType } = await shelves.repository("alice/box").resolve("latest");
  assert.equal(mediaType, mediaTypes.ociManifest);
  await finish();
  assert.equal(shelves.isWaiting("alice/box"), false);
  assert.equal(state.count("SELECT count(*) AS count FROM unplaced"), 0);
});
