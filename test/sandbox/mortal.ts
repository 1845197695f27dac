/** Changes a sandbox in a folder over and over, and says what it is at, until it is killed. */
import { startSandbox } from "../../src/entrance/sandbox.ts";
import { emptyIndex, index, registryFor } from "./registry-calls.ts";

const [data = ""] = process.argv.slice(2);
const say = (word: string) => process.stdout.write(`${word}\n`);

say("starting");
const sandbox = await startSandbox({ data });
const whole = await sandbox.snapshot();
for (let round = 0; ; round += 1) {
  const call = await registryFor({ sandbox }, "alice", "alice/site");
  say("pushing");
  for (const tag of ["one", "two"])
    await call("PUT", `manifests/${tag}`, emptyIndex(`${tag} ${round}`), index);
  say("pulling");
  await (await call("GET", "manifests/latest")).arrayBuffer();
  say("resetting");
  await sandbox.reset();
  say("restoring");
  await sandbox.restore(whole);
}
