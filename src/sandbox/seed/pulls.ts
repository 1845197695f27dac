/** A year of pulls of publishers' repositories, for their analytics: a few places a week, more from month to month. */
import { addPulls } from "../analytics/log.ts";
import { dayOf } from "../analytics/spans.ts";
import { findByPath, splitPath } from "../repositories.ts";
import type { State } from "../state/state.ts";
import { createRandom, type Random } from "./random.ts";
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
      spread(state, findByPath(state, name)!.id, pulls, now, random);
}

/** All of `pulls`, over the 52 weeks before now; none on days to come. */
function spread(state: State, repository: number, pulls: number, now: number, random: Random) {
  const tags = state.all<{ name: string; digest: string; pushed: string }>(
    "SELECT name, digest, pushed FROM tags WHERE repository = ? ORDER BY pushed, id LIMIT 200",
    repository,
  );
  if (tags.length === 0) return;
  const weights = Array.from(
    { length: 52 },
    (_, index) => (1 + index / 26) * (0.7 + random.next() * 0.6),
  );
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  let given = 0;
  for (const [index, weight] of weights.entries()) {
    reached += weight;
    const due = index === 51 ? pulls : Math.floor((pulls * reached) / whole);
    const time = now - (51 - index) * week - random.whole(0, 5) * 86_400_000;
    const day = dayOf(time);
    const there = tags.filter(({ pushed }) => pushed.slice(0, 10) <= day);
    const tag = (there.length > 0 ? there : tags).at(-random.whole(1, 3)) ?? tags.at(-1)!;
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
        day,
        action,
        tag: byTag ? tag.name : "",
        digest: tag.digest,
        ...place,
        count,
      });
    }
  }
}
