import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { createRegistryHandler } from "../distribution/handler.ts";
import { isError } from "../errors.ts";
import { digestOf } from "../reference/digest.ts";
import { createMemoryCollection } from "./memory.ts";

const bytes = Buffer.from("0123456789");

async function* body() {
  yield bytes;
}

const limited = (error: unknown) => isError(error, "RATE_LIMITED");

test("so many uploads may be open; what nobody has asked for of late makes room", async () => {
  let time = 0;
  const uploads = { number: 3, idle: 100, now: () => time };
  const collection = createMemoryCollection({ uploads });
  const repository = collection.repository("a");
  const forgotten = await repository.createUpload();
  const wanted = await collection.repository("b").createUpload();
  const ended = await repository.createUpload();
  await assert.rejects(repository.createUpload(), limited);
  await ended.cancel();
  time = 50;
  await repository.createUpload();
  await wanted.append(body());
  time = 100;
  await repository.createUpload();
  await assert.rejects(repository.openUpload(forgotten.id), (error) =>
    isError(error, "UPLOAD_UNKNOWN"),
  );
  await assert.rejects(forgotten.append(body()), (error) => isError(error, "UPLOAD_UNKNOWN"));
  await assert.rejects(repository.createUpload(), limited);
  assert.equal((await wanted.commit(digestOf(bytes))).size, bytes.length);
  assert.equal((await collection.count?.())?.uploads, 2);
});

test("so many bytes may wait for their end; what is received is not taken away", async () => {
  let time = 0;
  const uploads = { bytes: 25, idle: 100, now: () => time };
  const repository = createMemoryCollection({ uploads }).repository("a");
  const [one, two, three] = [
    await repository.createUpload(),
    await repository.createUpload(),
    await repository.createUpload(),
  ];
  await one.append(body());
  let goOn = () => {};
  const pause = new Promise<void>((resolve) => (goOn = resolve));
  const receiving = two.append(
    (async function* slowly() {
      yield bytes;
      await pause;
    })(),
  );
  await assert.rejects(three.append(body()), limited);
  time = 200;
  await three.append(body());
  goOn();
  assert.equal(await receiving, bytes.length);
  await assert.rejects(one.commit(digestOf(bytes)), (error) => isError(error, "UPLOAD_UNKNOWN"));
  for (const upload of [two, three]) await upload.commit(digestOf(bytes));
  // Nothing waits any more.
  const next = await repository.createUpload();
  for (let count = 0; count < 2; count += 1) await next.append(body());
});

test("a client is told to come back", async (context: TestContext) => {
  const collection = createMemoryCollection({ uploads: { number: 1 } });
  const server = createServer(createRegistryHandler(collection));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const begin = () => fetch(`http://127.0.0.1:${port}/v2/a/blobs/uploads/`, { method: "POST" });
  assert.equal((await begin()).status, 202);
  const refused = await begin();
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "5"]);
  const { errors } = (await refused.json()) as { errors: { code: string }[] };
  assert.equal(errors[0]?.code, "TOOMANYREQUESTS");
});
