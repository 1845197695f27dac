/** Tags of a repository of a seed. */
import type { RepositorySeed, TagSeed } from "./schema.ts";

/** Each with the image that it names, or that its repository does. */
export function tagsOf({ tags = [], image: preset = "hello" }: RepositorySeed) {
  return tags.map((tag): TagSeed & { image: string } => {
    const { image = preset, ...rest }: TagSeed = typeof tag === "string" ? { name: tag } : tag;
    return { ...rest, image };
  });
}
