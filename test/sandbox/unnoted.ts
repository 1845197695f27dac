/** A sandbox in a folder that is killed when a push has come to the registry, and Hub has not been told of it yet. */
import { digestOf } from "../../src/reference/digest.ts";
import { openHolding } from "../../src/sandbox/holding.ts";
import { emptyIndex, index } from "./registry-calls.ts";

const [data = "", ...pushes] = process.argv.slice(2);
const { content } = await openHolding({ data, seed: "small", now: Date.now });
for (const push of pushes) {
  const [path = "", tag = ""] = push.split(":");
  const bytes = Buffer.from(emptyIndex(push));
  const descriptor = { mediaType: index, digest: digestOf(bytes), size: bytes.byteLength };
  await content.collection.repository(path).pushManifest({ descriptor, bytes }, { tag });
}
process.kill(process.pid, "SIGKILL");
