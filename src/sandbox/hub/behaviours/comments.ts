/** Comments, of the days when they could be written. */
import type * as declared from "../../../hub/operations/comments.ts";
import type { Behaviours } from "../context.ts";
import { pageOf } from "../pages.ts";
import { repositoryFor } from "./found.ts";

interface Row {
  readonly id: number;
  readonly user: string;
  readonly comment: string;
  readonly created_on: string;
}

export const comments: Behaviours<typeof declared> = {
  list(context, input) {
    const { id } = repositoryFor(context, input, "read");
    const count = context.state.count(
      "SELECT count(*) AS count FROM comments WHERE repository = ?",
      id,
    );
    return pageOf(context, input, count, (limit, offset) =>
      context.state
        .all<Row>(
          `SELECT c.id, a.name AS user, comment, written AS created_on
           FROM comments c JOIN accounts a ON a.number = account
           WHERE repository = ? ORDER BY c.id DESC LIMIT ? OFFSET ?`,
          id,
          limit,
          offset,
        )
        .map((row) => ({ ...row, updated_on: row.created_on })),
    );
  },
};
