/** Manifests of a repository, tagged or not. Docker never published the fields of an entry; these are those of tags. */
import type * as declared from "../../../hub/operations/manifests.ts";
import type { Behaviours } from "../context.ts";
import { repositoryFor } from "./found.ts";

interface Row {
  readonly digest: string;
  readonly media_type: string;
  readonly content_type: string;
  readonly pushed: string;
  readonly pulled: string | null;
}

/** Entries of an answer. */
const limit = 100;

export const manifests: Behaviours<typeof declared> = {
  list(context, { last_evaluated_key = "", ...input }) {
    const { id } = repositoryFor(context, input, "read");
    const rows = context.state.all<Row>(
      "SELECT * FROM manifests WHERE repository = ? AND digest > ? ORDER BY digest LIMIT ?",
      id,
      last_evaluated_key,
      limit + 1,
    );
    const shown = rows.slice(0, limit).map((row) => ({
      digest: row.digest,
      media_type: row.media_type,
      content_type: row.content_type,
      last_pushed: row.pushed,
      last_pulled: row.pulled,
      tags: context.state
        .all<{ name: string }>(
          "SELECT name FROM tags WHERE repository = ? AND digest = ? ORDER BY name",
          id,
          row.digest,
        )
        .map(({ name }) => name),
    }));
    return {
      manifests: shown,
      ...(rows.length > limit && { last_evaluated_key: shown.at(-1)?.digest }),
    };
  },
};
