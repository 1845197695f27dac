/** Tags that can be neither moved nor deleted, in the registry as here. */
import type * as declared from "../../../hub/operations/immutableTags.ts";
import { ruleOf } from "../../repositories.ts";
import { written } from "../../state/state.ts";
import type { Behaviours } from "../context.ts";
import { badRequest } from "../refusal.ts";
import { repositoryFor } from "./found.ts";
import { repositoryOf } from "./repositoryView.ts";

export const immutableTags: Behaviours<typeof declared> = {
  update(context, { immutable_tags, immutable_tags_rules, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    checkRules(immutable_tags_rules);
    context.state.run(
      "UPDATE repositories SET immutable = ?, rules = ?, modified = ? WHERE id = ?",
      immutable_tags ? 1 : 0,
      JSON.stringify(immutable_tags_rules),
      written(context.now),
      id,
    );
    return repositoryOf(context, repositoryFor(context, input, "admin"));
  },

  verify(context, { regex, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    checkRules([regex]);
    const tags = context.state.all<{ name: string }>(
      "SELECT name FROM tags WHERE repository = ? ORDER BY name",
      id,
    );
    return { tags: tags.map(({ name }) => name).filter((name) => ruleOf(regex)?.test(name)) };
  },
};

/** @throws HubRefusal 400 for what RE2 would not take */
export function checkRules(rules: readonly string[]): void {
  const wrong = rules.find((rule) => ruleOf(rule) === undefined);
  if (wrong !== undefined) throw badRequest(`invalid regular expression: ${wrong}`);
}
