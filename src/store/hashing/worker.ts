/** The thread that hashes: takes slot after slot of the ring, and tells the digests. */
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

import { operation, Ring } from "./ring.ts";
import type { Entry } from "./ring.ts";

const ring = new Ring(workerData as SharedArrayBuffer);
const hashes = new Map<number, Hash>();

function handle({ job, operation: what, bytes }: Entry): void {
  switch (what) {
    case operation.sha256:
    case operation.sha512:
      hashes.set(job, createHash(what === operation.sha256 ? "sha256" : "sha512"));
      break;
    case operation.update:
      hashes.get(job)?.update(bytes);
      break;
    case operation.digest:
      parentPort?.postMessage({ job, hex: hashes.get(job)?.digest("hex") });
      hashes.delete(job);
      break;
    default:
      hashes.delete(job);
  }
}

for (;;) if (ring.take(handle)) parentPort?.postMessage({ room: true });
