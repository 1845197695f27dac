/** Automated builds, as far as they are still answered: where a repository is built from, and the address that starts a build. */
import type * as declared from "../../../hub/operations/builds.ts";
import { levelOf } from "../../accounts/permissions.ts";
import { build, type BuildSource, jobsOf } from "../../events/builds.ts";
import { findRepository } from "../../repositories.ts";
import { type Behaviours, Later, Reply } from "../context.ts";
import { notFound } from "../refusal.ts";

export const builds: Behaviours<typeof declared> = {
  listSources({ state, identity }, { namespace, repository, limit = 25, offset = 0 }) {
    const row = findRepository(state, namespace, repository);
    const isSeen = row !== undefined && levelOf(state, identity, row) !== "none";
    const sources = isSeen
      ? state.all<BuildSource>("SELECT * FROM build_sources WHERE repository = ?", row.id)
      : [];
    const objects = sources.slice(offset, offset + limit).map((source) => ({
      uuid: source.uuid,
      resource_uri: `/api/build/v1/source/${source.uuid}/`,
      image: `${row!.namespace}/${row!.name}`,
      provider: source.provider,
      owner: source.owner,
      repository: source.name,
      state: source.state,
    }));
    const meta = { limit, offset, next: null, previous: null, total_count: sources.length };
    return { meta, objects };
  },

  callTrigger({ state, content, now }, { source_uuid, trigger_uuid, ...request }) {
    const source = state.one<BuildSource>(
      "SELECT s.* FROM build_sources s JOIN build_triggers t ON t.source = s.uuid WHERE s.uuid = ? AND t.uuid = ?",
      source_uuid,
      trigger_uuid,
    );
    if (!source) throw notFound("Selected Source does not exist");
    const jobs = jobsOf(state, source, request);
    if (jobs.length === 0) return new Reply(202, undefined) as never;
    state.run("UPDATE build_sources SET state = 'Building' WHERE uuid = ?", source.uuid);
    return new Later(async () => {
      await build(state, content, source, jobs, now);
      return new Reply(202, undefined) as never;
    });
  },
};
