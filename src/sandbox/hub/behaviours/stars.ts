/** Stars. */
import type * as declared from "../../../hub/operations/stars.ts";
import { isListed } from "../../accounts/permissions.ts";
import { type RepositoryRow, selectRepositories } from "../../repositories.ts";
import { written } from "../../state/state.ts";
import { type Behaviours, signedIn } from "../context.ts";
import { pageOfList } from "../pages.ts";
import { accountNamed, repositoryFor } from "./found.ts";
import { entryOf } from "./repositoryView.ts";

export const stars: Behaviours<typeof declared> = {
  add(context, input) {
    const { id } = repositoryFor(context, input, "read");
    context.state.run(
      "INSERT OR IGNORE INTO stars VALUES (?, ?, ?)",
      id,
      signedIn(context).account.number,
      written(context.now),
    );
  },

  delete(context, input) {
    const { id } = repositoryFor(context, input, "read");
    context.state.run(
      "DELETE FROM stars WHERE repository = ? AND account = ?",
      id,
      signedIn(context).account.number,
    );
  },

  list(context, { username, ...input }) {
    const { number } = accountNamed(context, username);
    const rows = context.state
      .all<RepositoryRow>(
        `${selectRepositories} JOIN stars s ON s.repository = r.id WHERE s.account = ? ORDER BY s.given DESC, r.id`,
        number,
      )
      .filter((row) => isListed(context.state, context.identity, row));
    const page = pageOfList(context, input, rows);
    return { ...page, results: page.results.map((row) => entryOf(context, row)) };
  },

  count: (context, input) => ({ count: repositoryFor(context, input, "read").stars }),
};
