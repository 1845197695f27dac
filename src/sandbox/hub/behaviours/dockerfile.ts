/** The Dockerfile of a repository that is built automatically. */
import type * as declared from "../../../hub/operations/dockerfile.ts";
import type { Behaviours } from "../context.ts";
import { notFound } from "../refusal.ts";
import { repositoryFor } from "./found.ts";

export const dockerfile: Behaviours<typeof declared> = {
  get(context, input) {
    const { id } = repositoryFor(context, input, "read");
    const row = context.state.one<{ contents: string }>(
      "SELECT dockerfile AS contents FROM build_sources WHERE repository = ?",
      id,
    );
    if (!row) throw notFound("the repository is not built automatically");
    return { contents: row.contents };
  },
};
