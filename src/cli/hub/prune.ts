/** Tags of a repository of Docker Hub, deleted as rules say, by its API: its registry deletes nothing. */
import { WharfError } from "../../errors.ts";
import type { PruneRules } from "../../image/prune/rules.ts";
import type { Call } from "../call.ts";
import { count } from "../format.ts";
import { confirm } from "../prompt.ts";
import type { HubPlace } from "./place.ts";

interface Flags {
  readonly "older-than": string | undefined;
  readonly "dry-run": boolean;
  readonly yes: boolean;
}

/** @returns the exit status where it is not 0 */
export async function pruneAtHub(
  call: Call,
  place: HubPlace,
  { rules, concurrency, flags }: { rules: PruneRules; concurrency: number; flags: Flags },
): Promise<number | void> {
  const { output, signal } = call;
  const [{ isAllowed }, { openHub }, { HubTags, deleteHubTags }, { planPrune }, screens] =
    await Promise.all([
      import("../../hub/client/guard.ts"),
      import("./open.ts"),
      import("../../image/hubTags.ts"),
      import("../../image/prune/plan.ts"),
      import("../pruning.ts"),
    ]);
  const agreed = flags.yes || isAllowed(process.env);
  const name = `${place.namespace}/${place.repository}`;
  if (!flags["dry-run"] && !agreed && (output.json || !call.stdin.isTTY))
    throw new WharfError(
      "CONFIRMATION_REQUIRED",
      `Nobody is there to agree to deleting from ${name}`,
      { hint: "Look with --dry-run, then pass --yes." },
    );
  const content = await call.repository({ registry: "docker.io", repository: name });
  const tags = new HubTags(await openHub(call), place, content);
  const plan = await planPrune(tags, rules, { signal, concurrency });
  if (output.json && flags["dry-run"]) return output.value(screens.planValue(plan, name));
  const going = plan.tags.filter(({ action }) => action === "prune");
  if (!output.json && (!agreed || flags["dry-run"] || going.length === 0)) {
    const words = { olderThan: flags["older-than"] ?? "" };
    for (const line of screens.planLines(plan, words)) await output.line(line);
    output.note(screens.planSummary(plan));
  }
  // A program is told of the end, also where there was nothing to do.
  if (flags["dry-run"] || (going.length === 0 && !output.json)) return;
  await output.flush();
  await confirm(call, `Delete ${count(going.length, "tag")} of ${name}?`, agreed);

  const result = await deleteHubTags(tags, plan, {
    signal,
    concurrency,
    onEvent(event) {
      if (output.json) return void output.item(screens.eventValue(event));
      const line = screens.eventLine(event, name);
      if (event.state === "deleted") void output.line(line);
      else output.note(line);
    },
  });
  if (output.json) {
    // Docker Hub frees manifests by itself; what is promised of a pruning holds here, too.
    const manifests = { deleted: 0, left: 0, failed: 0 };
    await output.item({ type: "done", tags: result, manifests });
  }
  if (!output.json && result.failed > 0)
    output.note("Not all could be deleted; run the same again to go on");
  return result.failed > 0 ? 1 : 0;
}
