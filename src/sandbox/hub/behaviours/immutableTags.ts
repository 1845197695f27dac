/** Tags that can be neither moved nor deleted, in the registry as here. */
import type * as declared from "../../../hub/operations/immutableTags.ts";
import { record, repositorySubject } from "../../events/audit.ts";
import { written } from "../../state/state.ts";
import { faultOf, matching } from "../../tagRules.ts";
import type { Behaviours, Context } from "../context.ts";
import { badRequest } from "../refusal.ts";
import { type RepositoryInput, repositoryFor } from "./found.ts";
import { repositoryOf } from "./repositoryView.ts";

export const immutableTags: Behaviours<typeof declared> = {
  update(context, { immutable_tags, immutable_tags_rules, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    checkRules(context, id, immutable_tags_rules);
    context.state.run(
      "UPDATE repositories SET immutable = ?, rules = ?, modified = ? WHERE id = ?",
      immutable_tags ? 1 : 0,
      JSON.stringify(immutable_tags_rules),
      written(context.now),
      id,
    );
    recordImmutability(context, input);
    return repositoryOf(context, repositoryFor(context, input, "admin"));
  },

  verify(context, { regex, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    checkRules(context, id, [regex]);
    return { tags: matching([regex], tagsOf(context, id)) ?? [] };
  },
};

/** @throws HubRefusal 400 for what RE2 would not take, and what takes too long on the tags of the repository */
export function checkRules(context: Context, repository: number, rules: readonly string[]): void {
  const fault = faultOf(rules, tagsOf(context, repository));
  if (fault !== undefined) throw badRequest(fault);
}

/** Notes how it is now. */
export function recordImmutability(context: Context, input: RepositoryInput): void {
  const row = repositoryFor(context, input, "admin");
  record(context, "repo.immutable.tags.updated", repositorySubject(row), {
    enabled: String(row.immutable === 1),
    rules: (JSON.parse(row.rules) as string[]).join(","),
  });
}

function tagsOf({ state }: Context, repository: number): string[] {
  return state
    .all<{ name: string }>("SELECT name FROM tags WHERE repository = ? ORDER BY name", repository)
    .map(({ name }) => name);
}
