/**
 * Collects again and again, without any grace, until it is killed. Argument: the folder. Writes a line when it begins, and
 * one each time it has removed a manifest.
 */
import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { openCollection } from "../../src/store/collection/collection.ts";

const collection = await openCollection(process.argv[2]!);
writeSync(1, "begun\n");
for (;;) {
  const { manifests } = await collection.collectGarbage({
    untagged: true,
    grace: 0,
    gentle: true,
  });
  if (manifests > 0) writeSync(1, "removed\n");
  await setImmediate();
}
