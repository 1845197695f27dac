/**
 * Does the operations, and kills itself before the step that it is told, as `kill -9` would.
 * Arguments: kind, folder, number of the step. Writes a line to its standard output for each operation that is confirmed,
 * and at the end how many steps there were.
 */
import { writeSync } from "node:fs";

import { onStep } from "../../src/store/disk/steps.ts";
import { openKind, operations } from "./workload.ts";
import type { Kind } from "./workload.ts";

const [, , kind, folder, last] = process.argv;
let step = 0;
onStep(() => {
  step += 1;
  if (step === Number(last)) process.kill(process.pid, "SIGKILL");
});

const { store, close } = await openKind(kind as Kind, folder!);
for (const { run } of operations) {
  await run(store);
  writeSync(1, "confirmed\n");
}
await close();
writeSync(1, `${step} steps\n`);
