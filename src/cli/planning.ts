/** What a copy would cost, and how many pulls it may take. */
import type { PullLimit } from "../registry/pullLimit.ts";
import { createMemoryRepository } from "../store/memory.ts";
import { PullBudget, type PullWait } from "../transfer/budget.ts";
import { openShelf } from "../transfer/budgetShelf.ts";
import { openTarget, type OpenedTarget } from "../transfer/location.ts";
import { planned } from "../transfer/plan.ts";
import type { Call } from "./call.ts";
import type { Copied } from "./copying.ts";
import { count, formatBytes, formatDuration, printable } from "./format.ts";
import type { Output } from "./output.ts";

interface BudgetFlags {
  /** Pulls that must be left. */
  readonly keep: number;
  /** Milliseconds. */
  readonly wait: number;
}

/** A budget whose manifests are there for the next copy too; the call closes it. */
export function openBudget(
  { onClose, output }: Pick<Call, "onClose" | "output">,
  { keep, wait }: BudgetFlags,
): PullBudget {
  const shelf = openShelf();
  onClose(() => shelf.close());
  const onWait = ({ limit, next, left }: PullWait) =>
    output.note(
      `${limit.remaining} of ${limit.limit} pulls are left, ${keep} to be kept: asking again in ${formatDuration(next)}, for ${formatDuration(left)} at most`,
    );
  return new PullBudget({ keep, wait, shelf, onWait });
}

/** A target that is asked what it has, and never written to. What is always written whole has nothing. */
export async function openPlanTarget(
  ...[to, source, context]: Parameters<typeof openTarget>
): Promise<OpenedTarget> {
  if (to.transport === "docker" || to.transport === "oci") {
    const opened = await openTarget(to, source, context);
    return { ...opened, store: planned(opened.store), finish: opened.abort };
  }
  const nothing = async () => {};
  return {
    store: planned(createMemoryRepository()),
    tags: to.transport === "oci-archive" && source.tag !== undefined ? [source.tag] : [],
    imagesOnly: to.transport !== "oci-archive",
    finish: nothing,
    abort: nothing,
  };
}

/** Shows a plan. */
export async function printPlan(output: Output, plan: Copied, budget: PullBudget): Promise<void> {
  if (output.json) return output.value(planValue(plan, budget));
  for (const line of planLines(plan, budget)) await output.line(line);
  const note = pullNote(budget);
  if (note !== undefined) output.note(note);
}

/** The plan for people. */
function planLines({ images, totals }: Copied, budget: PullBudget): string[] {
  const { manifests, blobs, bytes, referrers } = totals;
  const there = (number: number) => number > 0 && `${number} there already`;
  const rows: (readonly [string, readonly (string | false)[]])[] = [
    [
      "Manifests",
      [manifests.copied > 0 && `${manifests.copied} to copy`, there(manifests.existing)],
    ],
    [
      "Blobs",
      [
        blobs.copied > 0 && `${blobs.copied} to copy (${formatBytes(bytes.copied)})`,
        blobs.mounted > 0 && `${blobs.mounted} to take over (${formatBytes(bytes.mounted)})`,
        there(blobs.existing),
        blobs.skipped > 0 && `${blobs.skipped} that must not be distributed`,
      ],
    ],
    ["Referrers", [referrers > 0 && `${referrers} taken along`]],
    ["Pulls", pullTexts(budget)],
  ];
  return [
    ...images.map(({ name, digest }) => `${"Image".padEnd(11)}${printable(name)}@${digest}`),
    ...rows.flatMap(([title, texts]) => {
      const text = texts.filter(Boolean).join(", ");
      return text === "" ? [] : [`${title.padEnd(11)}${text}`];
    }),
  ];
}

function pullTexts({ count: pulls, limit }: PullBudget): (string | false)[] {
  if (limit === undefined) return [pulls.requests > 0 && "not counted by this registry"];
  const requests = count(pulls.requests, "request");
  return [`${pulls.images} as Docker counts, in ${requests} for manifests`];
}

/** What is left, and whether that is enough; undefined where nothing is counted. */
function pullNote(budget: PullBudget): string | undefined {
  const { limit, count: pulls, keep } = budget;
  if (limit === undefined) return undefined;
  const span = limit.window === undefined ? "" : ` in ${formatDuration(limit.window)}`;
  const left = `${limit.remaining} of ${limit.limit} pulls${span} are left`;
  const made = pulls.requests - pulls.reused;
  if (made === 0) return `${left}; the copy takes none: all manifests are here from earlier`;
  const floor = keep > 0 ? `, ${keep} to be kept` : "";
  return `${left}${floor}; the plan took ${made}, which the copy finds here and takes no more`;
}

/** The plan for programs. */
function planValue({ images, totals }: Copied, budget: PullBudget): object {
  const { manifests, blobs, bytes, referrers } = totals;
  const { limit, count: pulls } = budget;
  return {
    images,
    manifests: { copy: manifests.copied, existing: manifests.existing },
    blobs: {
      copy: blobs.copied,
      mount: blobs.mounted,
      existing: blobs.existing,
      skip: blobs.skipped,
    },
    bytes: { copy: bytes.copied, mount: bytes.mounted, existing: bytes.existing },
    referrers,
    pulls: { ...pulls, ...(limit && limitFields(limit)) },
  };
}

function limitFields({ limit, remaining, window }: PullLimit): object {
  return { limit, remaining, ...(window !== undefined && { window }) };
}
