/** A thousand repositories with a hundred tags each, beside what the small seed has: for paging, searching, cleaning and waiting. */
import { createRandom } from "../random.ts";
import type { RepositorySeed, Seed, TagSeed } from "./schema.ts";
import { smallSeed } from "./small.ts";

const namespaces = ["harbour", "quay", "lighthouse", "dock", "anchorage", "alice", "bob", "erin"];
const things = [
  "api",
  "web",
  "worker",
  "db",
  "cache",
  "proxy",
  "mail",
  "search",
  "auth",
  "billing",
];
const kinds = ["core", "edge", "batch", "tools", "base", "test", "next", "lite", "data", "stream"];
const versions = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"];
const categories = ["web-servers", "networking", "security", "developer-tools", "gaming"];

const repositories = 1_000;
const tags = 100;

export function largeSeed(): Seed {
  const random = createRandom(42);
  const small = smallSeed.repositories ?? [];
  const known = small.reduce((sum, one) => sum + (one.tags?.length ?? 0), 0);
  const more = repositories - small.length;
  // All together are 100,000, whatever the small ones have.
  const surplus = repositories * tags - known - more * tags;
  return {
    ...smallSeed,
    organizations: [
      ...(smallSeed.organizations ?? []),
      ...["quay", "lighthouse", "dock", "anchorage"].map((name) => ({
        name,
        full_name: `The ${name}`,
        members: { alice: "owner", carol: "member" } as const,
        joined: "1y",
      })),
    ],
    repositories: [
      ...small,
      ...Array.from({ length: more }, (_, index): RepositorySeed => {
        const namespace = namespaces[index % namespaces.length]!;
        const thing = things[Math.floor(index / namespaces.length) % things.length]!;
        const kind = kinds[Math.floor(index / 80) % kinds.length]!;
        return {
          name: `${namespace}/${thing}-${kind}-${index}`,
          description: `The ${kind} of the ${thing}`,
          private: random.next() < 0.2,
          created: `${random.whole(90, 364)}d`,
          categories: [random.pick(categories)],
          pulls: Math.floor(10 ** (random.next() * 6)),
          tags: tagsOf(tags + Number(index < surplus) + Math.floor(surplus / more)),
        };
      }),
    ],
  };

  function tagsOf(count: number): TagSeed[] {
    return Array.from({ length: count }, (_, index) => ({
      name:
        index === 0
          ? "latest"
          : `1.${Math.floor(index / 10)}.${index % 10}-${random.whole(100, 999)}`,
      image: `hello@${versions[Math.floor((index * versions.length) / count)]!}`,
      pushed: `${index === 0 ? 1 : Math.round(((count - index) * 89) / count) + 1}d`,
    }));
  }
}
