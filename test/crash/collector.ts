/**
 * Collects, and kills itself before the step that it is told, as `kill -9` would. Arguments: folder, number of the step.
 * At the end it writes how many steps there were.
 */
import { writeSync } from "node:fs";

import { onStep } from "../../src/store/disk/steps.ts";
import { openLater } from "./collection.ts";

const [, , folder, last] = process.argv;
let step = 0;
const collection = await openLater(folder!);
onStep(() => {
  step += 1;
  if (step === Number(last)) process.kill(process.pid, "SIGKILL");
});
await collection.collectGarbage({ untagged: true });
await collection.close();
writeSync(1, `${step} steps\n`);
