/** A year of pulls of publishers' repositories, for their analytics: a few places a week, more from month to month. */
import { addPulls } from "../analytics/log.ts";
import { dayOf } from "../analytics/spans.ts";
import { findByPath, type RepositoryRow, splitPath } from "../repositories.ts";
import { type State, written } from "../state/state.ts";
import { createRandom, type Random } from "../random.ts";
import type { Seed } from "./schema.ts";

const places = [
  { country: "DE", address: "203.0.113.10", tool: "docker", version: "28.5.1" },
  { country: "US", address: "198.51.100.7", tool: "containerd", version: "2.1.4" },
  { country: "US", address: "198.51.100.99", tool: "docker", version: "27.3.1" },
  { country: "NL", address: "203.0.113.77", tool: "skopeo", version: "1.20.0" },
  { country: "JP", address: "192.0.2.31", tool: "docker", version: "28.5.1" },
  { country: "BR", address: "192.0.2.144", tool: "containerd", version: "1.7.28" },
] as const;

const week = 7 * 86_400_000;

/** To be called when repositories and tags are there. @param now milliseconds since 1970 */
export function plantPulls(state: State, seed: Seed, now: number): void {
  const publishers = new Set(
    (seed.organizations ?? [])
      .filter(({ badge }) => badge === "verified_publisher" || badge === "open_source")
      .map(({ name }) => name),
  );
  const random = createRandom(7);
  for (const { name, pulls = 0 } of seed.repositories ?? [])
    if (pulls > 0 && publishers.has(splitPath(name)[0]))
      spread(state, findByPath(state, name)!, pulls, now, random);
}

interface Tag {
  readonly name: string;
  readonly digest: string;
  readonly pushed: string;
}

/** All of `pulls`, over the 52 weeks before now, or those since the repository is there; none on days to come. */
function spread(
  state: State,
  { id: repository, registered }: RepositoryRow,
  pulls: number,
  now: number,
  random: Random,
) {
  const tags = state.all<Tag>(
    "SELECT name, digest, pushed FROM tags WHERE repository = ? ORDER BY pushed, id LIMIT 200",
    repository,
  );
  if (tags.length === 0) return;
  const weeks = Array.from({ length: 52 }, (_, index) => ({
    weight: (1 + index / 26) * (0.7 + random.next() * 0.6),
    time: now - (51 - index) * week - random.whole(0, 5) * 86_400_000,
  }));
  const since = Date.parse(registered);
  // What came in the last days was pulled all the same.
  const last = weeks.at(-1)!;
  last.time = Math.min(now, Math.max(last.time, since));
  const there = weeks.filter(({ time }) => time >= since);
  const whole = there.reduce((sum, { weight }) => sum + weight, 0);
  const tagTimes = new Map<string, number>();
  const imageTimes = new Map<string, number>();
  let reached = 0;
  let given = 0;
  for (const { weight, time } of there) {
    reached += weight;
    const due = time === last.time ? pulls : Math.floor((pulls * reached) / whole);
    const tag = tagAt(tags, written(time), random, time === last.time);
    for (const [share, action] of [
      [0.6, "pull_by_tag"],
      [0.9, "pull_by_digest"],
      [1, "pull_by_tag"],
    ] as const) {
      const until = share === 1 ? due : given + Math.floor((due - given) * share);
      const count = until - given;
      given = until;
      if (count === 0) continue;
      const place = random.pick(places);
      const byTag = action === "pull_by_tag";
      addPulls(state, {
        repository,
        day: dayOf(time),
        action,
        tag: byTag ? tag.name : "",
        digest: tag.digest,
        ...place,
        count,
      });
      if (byTag) tagTimes.set(tag.name, time);
      imageTimes.set(tag.digest, time);
    }
  }
  for (const [name, time] of tagTimes)
    state.run(
      "UPDATE tags SET pulled = max(coalesce(pulled, ''), ?) WHERE repository = ? AND name = ?",
      written(time),
      repository,
      name,
    );
  for (const [digest, time] of imageTimes) notePulled(state, repository, digest, written(time));
}

/** Who pulls an index pulls an image that it lists: all of them are as fresh as it. @param time as it is written */
export function notePulled(state: State, repository: number, digest: string, time: string): void {
  state.run(
    `UPDATE manifests SET pulled = max(coalesce(pulled, ''), ?3) WHERE repository = ?1 AND digest IN
     (SELECT ?2 UNION SELECT value ->> 'digest' FROM manifests m, json_each(m.images)
      WHERE m.repository = ?1 AND m.digest = ?2 AND value ->> 'os' <> 'unknown')`,
    repository,
    digest,
    time,
  );
}

/**
 * One of the three newest tags of that time; of late that is `latest`. Before any of those that are left was pushed there was
 * another `latest`.
 */
function tagAt(tags: readonly Tag[], time: string, random: Random, isLate: boolean): Tag {
  const chosen = random.whole(1, 3);
  const there = tags.filter(({ pushed }) => pushed <= time);
  const latest = (among: readonly Tag[]) => among.find(({ name }) => name === "latest");
  const one = there.at(-Math.min(chosen, there.length));
  return (isLate ? latest(there) : undefined) ?? one ?? latest(tags) ?? tags[0]!;
}
