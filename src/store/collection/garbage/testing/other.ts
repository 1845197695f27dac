/**
 * Somebody else with the same data directory, in a thread of its own: does what it is told, and stops before each step
 * at which it meets a collector until it is let go. See `meeting.ts`.
 */
import { parentPort, workerData } from "node:worker_threads";

import { onStep } from "../../../disk/steps.ts";
import type { Step } from "../../../disk/steps.ts";
import { bytesSource } from "../../../sources.ts";
import { openCollection } from "../../collection.ts";
import type { Act, Order } from "./meeting.ts";
import { cell, stops } from "./meeting.ts";

const { folder, control } = workerData as { folder: string; control: Int32Array };
let now = 0;
const collection = await openCollection(folder, { now: () => now });

const acts: Record<Act, (order: Order) => Promise<boolean>> = {
  look: async ({ content }) => (await at("a/b").statBlob(content.digest)) !== undefined,
  async push({ content, bytes }) {
    await at("a/b").pushBlob(content, bytesSource(bytes));
    return true;
  },
  async upload({ content, bytes }) {
    const upload = await at("a/b").createUpload();
    await upload.append(await bytesSource(bytes).open(0));
    await upload.commit(content.digest);
    return true;
  },
  mount: ({ content }) => at("a/b").mountBlob(content, at("c")),
  "mount elsewhere": ({ content }) => at("d").mountBlob(content, at("a/b")),
  async resolve({ content }) {
    const found = await at("a/b")
      .resolve(content.digest)
      .catch(() => undefined);
    return found !== undefined;
  },
};

const at = (name: string) => collection.repository(name);

let stop = 0;
let isCommitting = false;

function pause(step?: Step): void {
  if (step !== undefined && !stops.has(step)) return;
  if (isCommitting) Atomics.store(control, cell.inTurn, 0);
  isCommitting = step === "commit";
  Atomics.store(control, cell.wantsTurn, step === "turn" ? 1 : 0);
  stop += 1;
  Atomics.store(control, cell.stop, stop);
  Atomics.notify(control, cell.stop);
  for (let go = 0; (go = Atomics.load(control, cell.go)) < stop;)
    Atomics.wait(control, cell.go, go);
  if (step === "turn") Atomics.store(control, cell.inTurn, 1);
}

parentPort!.on("message", (order: Order) => void obey(order));

async function obey(order: Order): Promise<void> {
  ({ now } = order);
  stop = 0;
  isCommitting = false;
  pause();
  onStep(pause);
  let told: boolean | string;
  try {
    told = await acts[order.act](order);
  } catch (error) {
    told = String(error);
  }
  onStep(undefined);
  for (const one of [cell.inTurn, cell.wantsTurn]) Atomics.store(control, one, 0);
  Atomics.store(control, cell.told, told === true ? 1 : 0);
  Atomics.store(control, cell.stop, -1);
  Atomics.notify(control, cell.stop);
  parentPort!.postMessage(told);
}

parentPort!.postMessage("ready");
