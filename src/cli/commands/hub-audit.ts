import { setTimeout as wait } from "node:timers/promises";
import { command } from "../command.ts";
import { parseDuration, parseInterval } from "../duration.ts";
import { usage, wholeNumber } from "../flags.ts";
import { printable } from "../format.ts";
import type { AuditEvent } from "../../hub/operations/auditLogs.ts";
import { isError } from "../../errors.ts";

export default command({
  arguments: [{ name: "ORG", about: "Organization" }],
  flags: {
    since: { about: "Not before: 7d, 36h, or a moment: 2026-01-31", value: "TIME", preset: "1d" },
    action: { about: "Only such events: repo.tag.push", value: "ACTION" },
    actor: { about: "Only what this user did", value: "USER" },
    name: { about: "Only events of this repository or user", value: "NAME" },
    limit: { about: "At most so many, the newest", value: "N" },
    follow: { about: "Go on with what happens from now on, until Ctrl-C", short: "f" },
    every: { about: "With --follow: how often to look", value: "TIME", preset: "30s" },
  },
  about:
    "Oldest first, as a log is read. It takes an owner of the organization, or an organization's token that may read its activity. `wharf hub audit-logs list-actions ORG` lists the actions.",
  examples: [
    { command: "wharf hub audit acme --since 7d --action repo.tag.push", does: "Who pushed?" },
    {
      command: "wharf hub audit acme --follow --json",
      does: "Each event as a line, as it happens",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const account = words[0]!;
    const since = momentOf(flags.since);
    const every = parseInterval("every", flags.every);
    const limit =
      flags.limit === undefined ? {} : { limit: wholeNumber("limit", flags.limit, { from: 1 }) };
    const { openHub } = await import("../hub/open.ts");
    const hub = await openHub(call);
    const { action, actor, name } = flags;
    const question = { account, action, actor, name };
    const print = (event: AuditEvent) =>
      output.json ? output.item(event) : output.line(printable(lineOf(event)));

    const events: AuditEvent[] = [];
    const from = new Date(since).toISOString();
    for await (const event of hub.auditLogs.list({ ...question, from }, { ...limit, signal }))
      events.push(event);
    for (const event of events.toReversed()) await print(event);
    if (!flags.follow) {
      if (events.length === 0) output.note(`Nothing happened since ${from}`);
      return;
    }
    await output.flush();
    let last = events[0]?.timestamp ?? from;
    // Several events may share the last moment: those that were shown are known by what they say.
    let shown = new Set(events.filter(({ timestamp }) => timestamp === last).map(keyOf));
    for (;;) {
      // Ctrl-C is how it ends: there is nothing to complain of.
      if (!(await pause(every, signal))) return 130;
      const fresh: AuditEvent[] = [];
      try {
        for await (const event of hub.auditLogs.list({ ...question, from: last }, { signal }))
          if (!shown.has(keyOf(event))) fresh.push(event);
      } catch (error) {
        // A log goes on where an answer is late.
        if (!isError(error, "SERVER_ERROR", "CONNECTION_FAILED", "TIMEOUT", "RATE_LIMITED"))
          throw error;
        output.warn(error.message);
        continue;
      }
      for (const event of fresh.toReversed()) await print(event);
      await output.flush();
      const newest = fresh[0]?.timestamp;
      if (newest === undefined) continue;
      if (newest !== last) shown = new Set();
      last = newest;
      for (const event of fresh) if (event.timestamp === last) shown.add(keyOf(event));
    }
  },
});

/** To the second, which is what a person reads; --json has what Docker Hub says. */
function lineOf({ timestamp, actor, action, name, data }: AuditEvent): string {
  const tag = data?.["tag"];
  const what = typeof tag === "string" && name !== undefined ? `${name}:${tag}` : name;
  return [timestamp.replace(/\.\d+/, ""), actor, action, what].join("  ");
}

const keyOf = (event: AuditEvent) => JSON.stringify(event);

/** Whether the time has passed, rather than the call ended. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(milliseconds, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function momentOf(text: string): number {
  // Nothing happened there before 1970, and dates end somewhere.
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return Math.max(0, Date.now() - parseDuration("since", text));
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw usage(`--since is a time or a moment, not '${text}'`);
  return moment;
}
