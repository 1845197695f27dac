/** A prune on the screen and as JSON. */
import type { PruneEvent } from "../image/prune/execute.ts";
import type { PrunePlan } from "../image/prune/plan.ts";
import type { Loose } from "../image/prune/reach.ts";
import type { Decision } from "../image/prune/rules.ts";
import { dateFields, doubtText } from "./dating.ts";
import { count, formatTable, shortDigest } from "./format.ts";

type Reason = Decision["reason"];

/** What `--older-than` was given. */
interface Words {
  readonly olderThan: string;
}

/** The plan as a table, the newest first. Tags that no rule is about are only counted. */
export function planLines(plan: PrunePlan, words: Words): string[] {
  const dated = plan.tags.some(({ date }) => date !== undefined);
  const rows = plan.tags
    .filter(({ reason }) => reason !== "not-matched")
    .toSorted((a, b) => (b.date ?? 0) - (a.date ?? 0))
    .map((decision) => [
      decision.action === "prune" ? "delete" : "keep",
      decision.tag,
      ...(dated ? [dayOf(decision)] : []),
      whyOf(decision, plan, words),
    ]);
  const loose = plan.manifests.map((one) => [
    "delete",
    shortDigest(one.descriptor.digest),
    ...(dated ? [""] : []),
    whatIs(one, plan),
  ]);
  return formatTable([{}, {}, {}, ...(dated ? [{}] : [])], [...rows, ...loose]);
}

/** What a manifest is to those that go. */
function whatIs({ descriptor, as, of }: Loose, { tags }: PrunePlan): string {
  if (as !== "untagged") return `${looseTexts[as]} ${shortDigest(of[0]!)}`;
  const named = tags.filter(({ digest }) => digest === descriptor.digest);
  if (named.length === 0) return "named by no tag";
  return `the manifest of ${named.map(({ tag }) => tag).join(", ")}`;
}

const looseTexts = { child: "image of", referrer: "refers to", attached: "attached to" } as const;

function dayOf({ date, source }: Decision): string {
  return date === undefined ? "" : `${new Date(date).toISOString().slice(0, 10)} ${source}`;
}

function whyOf({ reason, doubt }: Decision, { rules }: PrunePlan, { olderThan }: Words): string {
  const { keepNewest } = rules;
  const one = keepNewest === 1;
  const since = /^\d{4}-/.test(olderThan) ? `than ${olderThan}` : `than ${olderThan} ago`;
  const texts: Readonly<Record<Reason, string>> = {
    "not-matched": "no rule is about it",
    "keep-match": "--keep-match",
    newest: one ? "the newest" : `one of the ${keepNewest} newest`,
    recent: `later ${since}`,
    "unknown-date": `date unknown: ${doubt === undefined ? "" : doubtText(doubt)}`,
    "no-version": "no version",
    old: `earlier ${since}`,
    "not-newest": one ? "not the newest" : `none of the ${keepNewest} newest`,
    matched: "--match",
    unfinished: "an earlier deletion of it was cut off",
  };
  return texts[reason];
}

/** The plan in one line. */
export function planSummary({ tags, manifests }: PrunePlan): string {
  const going = tags.filter(({ action }) => action === "prune").length;
  const kept = tags.filter(({ action }) => action === "keep");
  const because = (reason: Reason) => kept.filter((tag) => tag.reason === reason).length;
  const reasons = [
    [because("not-matched"), "not matched"],
    [because("unknown-date"), "of unknown date"],
  ].flatMap(([number, text]) => (number === 0 ? [] : [`${number} ${text}`]));
  const what = [count(going, "tag"), manifests.length > 0 && count(manifests.length, "manifest")];
  const stays = `${count(kept.length, "tag")} ${kept.length === 1 ? "stays" : "stay"}`;
  if (going + manifests.length === 0) return `Nothing to delete: ${[stays, ...reasons].join(", ")}`;
  return `To delete: ${what.filter(Boolean).join(" and ")}; ${[stays, ...reasons].join(", ")}`;
}

/** The plan for programs. */
export function planValue({ tags, manifests }: PrunePlan, repository: string): object {
  const going = tags.filter(({ action }) => action === "prune").length;
  return {
    repository,
    tags: tags.map((decision) => {
      const { tag, digest, action, reason, date, doubt } = decision;
      const asked = date !== undefined || doubt !== undefined;
      return { tag, digest, action, reason, ...(asked && dateFields(decision)) };
    }),
    manifests: manifests.map(({ descriptor: { digest, mediaType }, as, of }) => ({
      digest,
      mediaType,
      as,
      of,
    })),
    totals: { prune: going, keep: tags.length - going, manifests: manifests.length },
  };
}

/** What happened, for people. */
export function eventLine(event: PruneEvent, repository: string): string {
  const name =
    event.type === "tag" ? `${repository}:${event.tag}` : `${repository}@${event.digest}`;
  switch (event.state) {
    case "deleted":
      return `Deleted ${name}`;
    case "moved":
      return `Left ${name}: it was moved to ${event.digest} meanwhile`;
    case "gone":
      return `${name} was gone already`;
    case "needed":
      return `Left ${name}: something needs it by now`;
    case "failed":
      return `Could not delete ${name}: ${event.error?.message ?? "unknown"}`;
  }
}

/** What happened, for programs. */
export function eventValue({ error, ...event }: PruneEvent): object {
  return { ...event, ...(error && { error: { code: error.code, message: error.message } }) };
}
