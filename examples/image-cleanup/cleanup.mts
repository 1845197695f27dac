/**
 * Deletes old tags of a repository on Docker Hub: those that match TAGS, were pushed more than DAYS days ago, and are not
 * among the newest KEEP that match. It only tells which, unless DELETE is "true".
 *
 * Signs in with DOCKERHUB_USERNAME and DOCKERHUB_TOKEN, a token that may delete.
 */
import { appendFileSync } from "node:fs";
import { createHub, isError } from "wharfinger/hub";

const {
  REPOSITORY = "",
  TAGS = "^(pr|sha)-",
  DAYS = "30",
  KEEP = "5",
  DELETE,
  GITHUB_STEP_SUMMARY,
} = process.env;
const [namespace, repository] = REPOSITORY.split("/");
if (!namespace || !repository) throw new Error("REPOSITORY is to be like acme/app");
for (const [name, value] of Object.entries({ DAYS, KEEP }))
  if (!/^\d+$/.test(value)) throw new Error(`${name} is to be a number, not ${value}`);

const doIt = DELETE === "true";
const before = Date.now() - Number(DAYS) * 86_400_000;
const pattern = new RegExp(TAGS);
// It may take longer than the calls that Docker Hub allows in a minute: then it waits.
const hub = createHub({ allowDestructive: doIt, pace: true });

// All of the list comes before the first deletion: pages move when something goes.
const matching: { name: string; pushed: number }[] = [];
for await (const { name = "", tag_last_pushed } of hub.tags.list({ namespace, repository }))
  if (pattern.test(name)) matching.push({ name, pushed: Date.parse(tag_last_pushed ?? "") });

// A tag without a date is neither old nor one of the newest.
const dated = matching.filter(({ pushed }) => !Number.isNaN(pushed));
dated.sort((one, other) => other.pushed - one.pushed);
const old = dated.slice(Number(KEEP)).filter(({ pushed }) => pushed < before);
for (const { name, pushed } of old) {
  if (doIt)
    await hub.tags.delete({ namespace, repository, tag: name }).catch((error: unknown) => {
      // A first try whose answer was lost has deleted it, or somebody else has.
      if (!isError(error, "NOT_FOUND")) throw error;
    });
  const line = `${doIt ? "deleted" : "would delete"} ${name}, pushed ${new Date(pushed).toISOString().slice(0, 10)}`;
  console.log(line);
  if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, `- ${line}\n`);
}
console.log(`${old.length} of ${matching.length} tags of ${REPOSITORY} that match ${TAGS}`);
await hub.close();
