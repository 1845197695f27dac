/** What a webhook is told of a push. Source: Docker's docs, "Webhooks". */
import type { RepositoryRow } from "../repositories.ts";
import type { State } from "../state/state.ts";

/** A tag that was pushed. */
export interface TagPush {
  readonly repository: RepositoryRow;
  readonly tag: string;
  /** Name of the account. */
  readonly pusher: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * @param hubUrl of the sandbox's Hub, as this machine reaches it
 * @param secret what the callback's address ends in
 */
export function payloadOf(
  state: State,
  { repository, tag, pusher, time }: TagPush,
  hubUrl: string,
  secret: string,
) {
  const { id, namespace, name } = repository;
  const source = state.one<{ dockerfile: string }>(
    "SELECT dockerfile FROM build_sources WHERE repository = ?",
    id,
  );
  const comments = "SELECT count(*) AS count FROM comments WHERE repository = ?";
  return {
    callback_url: `${hubUrl}/u/${namespace}/${name}/hook/${secret}/`,
    push_data: { pushed_at: seconds(time), pusher, tag },
    repository: {
      comment_count: state.count(comments, id),
      date_created: seconds(Date.parse(repository.registered)),
      description: repository.description,
      dockerfile: source?.dockerfile ?? "",
      full_description: repository.full_description,
      is_official: namespace === "library",
      is_private: repository.is_private === 1,
      is_trusted: source !== undefined,
      name,
      namespace,
      owner: namespace,
      repo_name: `${namespace}/${name}`,
      repo_url: `${hubUrl}/v2/repositories/${namespace}/${name}/`,
      star_count: repository.stars,
      status: repository.status === 1 ? "Active" : "Inactive",
    },
  };
}

function seconds(time: number): number {
  return Math.floor(time / 1000);
}
