/** Who else may push to a user's repository. */
import type * as declared from "../../../hub/operations/collaborators.ts";
import type { Behaviours, Context } from "../context.ts";
import { Reply } from "../context.ts";
import { pageOfList } from "../pages.ts";
import { badRequest, notFound } from "../refusal.ts";
import { accountNamed, type RepositoryInput, repositoryFor } from "./found.ts";

export const collaborators: Behaviours<typeof declared> = {
  list(context, input) {
    const { id } = personal(context, input);
    const rows = context.state.all<{ user: string }>(
      "SELECT name AS user FROM collaborators JOIN accounts ON number = account WHERE repository = ? ORDER BY name",
      id,
    );
    return pageOfList(context, input, rows);
  },

  add(context, { user, ...input }) {
    const { id } = personal(context, input);
    const account = accountNamed(context, user);
    if (account.type !== "User") throw badRequest(`${user} is no user`);
    context.state.run("INSERT OR IGNORE INTO collaborators VALUES (?, ?)", id, account.number);
    return new Reply(201, { user: account.name });
  },

  delete(context, { username, ...input }) {
    const { id } = personal(context, input);
    const { changes } = context.state.run(
      "DELETE FROM collaborators WHERE repository = ? AND account = ?",
      id,
      accountNamed(context, username).number,
    );
    if (changes === 0) throw notFound();
  },
};

/** @throws HubRefusal 400 for a repository of an organization, which has teams instead */
function personal(context: Context, input: RepositoryInput) {
  const row = repositoryFor(context, input, "admin");
  if (accountNamed(context, row.namespace).type !== "User")
    throw badRequest("organizations have teams, not collaborators");
  return row;
}
