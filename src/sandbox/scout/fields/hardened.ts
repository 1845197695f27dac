/** The catalogue of hardened images, and what mirrors them. */
import { randomUUID } from "node:crypto";

import { createRepository, findRepository } from "../../repositories.ts";
import { type State, written } from "../../state/state.ts";
import {
  type Asked,
  type ContextInput,
  hubHost,
  managedOrganization,
  namedOrganization,
} from "../asked.ts";
import {
  categories,
  findHardened,
  hardened,
  lastUpdated,
  manifestsOf,
  repositories,
  sourceHost,
  sourceNamespace,
  summaryOf,
  tagsOf,
} from "../hardened/catalogue.ts";
import { mirrorInto } from "../hardened/mirroring.ts";
import { type MirrorRow, mirrorsOf } from "../hardened/mirrors.ts";
import { pageOf, type PagingInput } from "../paging.ts";
import { badInput, missing, ScoutRefusal } from "../refusal.ts";

interface Named {
  readonly context: ContextInput;
}

interface Repository {
  readonly namespace: string;
  readonly name: string;
}

interface LogRow {
  readonly id: string;
  readonly source: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  readonly status: string;
  readonly triggered: string;
  readonly completed: string | null;
}

export const hardenedQueries = {
  dhiRepositories({
    query,
  }: {
    query?: { filter?: { categoryId?: string | null } | null } | null;
  }) {
    const wanted = query?.filter?.categoryId;
    const items = repositories.filter(({ category }) => wanted == null || category === wanted);
    return { items: items.map(summaryOf), categories };
  },

  async dhiRepositoryDetails({ query: { repoName } }: { query: { repoName: string } }) {
    const found = findHardened(repoName);
    if (!found) return null;
    return {
      ...summaryOf(found),
      overview: `# ${found.displayName}\n\n${found.shortDescription}.`,
      guides: `Run it: \`docker run ${sourceHost}/${found.name}:${found.version}\``,
      images: [
        {
          indexDigest: (await hardened()).index,
          tags: tagsOf(found).map(tagOf),
          imageManifests: await manifestsOf(found),
        },
      ],
    };
  },

  async dhiTagDetails({ query }: { query: { repoName: string; tag: string } }) {
    const found = findHardened(query.repoName);
    if (!found || !tagsOf(found).includes(query.tag)) return null;
    return {
      repo: found.name,
      indexDigest: (await hardened()).index,
      tag: tagOf(query.tag),
      allTags: tagsOf(found).map(tagOf),
      imageManifests: await manifestsOf(found),
    };
  },

  dhiListMirroredRepositories({ context }: Named, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const rows = mirrorsOf(asked.state, organization.number);
    return {
      mirroredRepositories: rows.map(viewOf),
      totalCount: rows.length,
      canMirrorMoreRepositories: organization.plan !== "free",
    };
  },

  dhiGetMirroredRepositoriesBySourceRepository(
    { context, query }: Named & { query: { dhiSourceRepository: Repository } },
    asked: Asked,
  ) {
    const { namespace, name } = query.dhiSourceRepository;
    const rows = mirrorsOf(asked.state, namedOrganization(asked, context).number);
    return {
      mirroredRepositories: rows
        .filter(({ source }) => namespace === sourceNamespace && source === name)
        .map(viewOf),
    };
  },

  dhiListMirroringLogs(
    {
      context,
      query,
    }: Named & {
      query?: {
        destinationRepositories?: readonly (Repository & { hostname: string })[] | null;
        includedStatuses?: readonly string[] | null;
        excludedStatuses?: readonly string[] | null;
        triggeredSince?: string | null;
        paging?: PagingInput | null;
      } | null;
    },
    asked: Asked,
  ) {
    const organization = namedOrganization(asked, context);
    const rows = asked.state.all<LogRow>(
      "SELECT * FROM scout_mirror_logs WHERE org = ? ORDER BY triggered DESC, name, tag",
      organization.number,
    );
    const { destinationRepositories: places, triggeredSince } = query ?? {};
    const since = triggeredSince == null ? undefined : Date.parse(triggeredSince);
    if (Number.isNaN(since)) throw badInput("triggeredSince is no time");
    const found = rows.filter(
      ({ name, status, triggered }) =>
        (!places ||
          places.some((each) => each.name === name && each.namespace === organization.name)) &&
        (query?.includedStatuses?.includes(status) ?? true) &&
        !query?.excludedStatuses?.includes(status) &&
        (since === undefined || Date.parse(triggered) >= since),
    );
    const { items } = pageOf(found, query?.paging, 100);
    return {
      items: items.map(({ id, source, name, tag, digest, status, triggered, completed }) => ({
        id,
        reason: "ONBOARDING",
        status,
        sourceRepository: sourceOf(source),
        destinationRepository: { hostname: hubHost, namespace: organization.name, name },
        tag,
        digest,
        triggeredAt: triggered,
        startedAt: triggered,
        pushedAt: completed,
        completedAt: completed,
      })),
    };
  },
};

export const hardenedMutations = {
  /** Makes the repository where it is not there, and brings the images. */
  async dhiSetMirroredRepository(
    {
      context,
      input,
    }: Named & {
      input: { dhiSourceRepository: Repository; destinationRepository: Repository };
    },
    asked: Asked,
  ) {
    const { state, now, content } = asked;
    const organization = managedOrganization(asked, context);
    const { dhiSourceRepository: from, destinationRepository: to } = input;
    const source = from.namespace === sourceNamespace ? findHardened(from.name) : undefined;
    if (!source) throw missing(`there is no hardened repository ${from.namespace}/${from.name}`);
    if (to.namespace !== organization.name)
      throw badInput("the destination must be of the organization in the context");
    if (!/^dhi-[a-z0-9][a-z0-9._-]*$/.test(to.name))
      throw badInput("the name of the destination must begin with dhi-");
    if (organization.plan === "free")
      throw new ScoutRefusal(402, "ENTITLEMENT_EXCEEDED", "the plan does not include mirrors");
    const mirror = state.transaction(() => {
      const repository =
        findRepository(state, to.namespace, to.name) ??
        createRepository(
          state,
          organization,
          { name: to.name, description: source.shortDescription },
          now,
        );
      state.run(
        `INSERT INTO scout_mirrors VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (repository) DO UPDATE SET source = excluded.source`,
        randomUUID(),
        organization.number,
        repository.id,
        source.name,
        written(now),
      );
      return mirrorsOf(state, organization.number).find(({ name }) => name === to.name)!;
    });
    const tags = tagsOf(source);
    const digest = await mirrorInto(content, `${to.namespace}/${to.name}`, tags);
    state.transaction(() => {
      for (const tag of tags) log(state, organization.number, mirror, tag, digest, now);
    });
    return { mirroredRepository: viewOf(mirror) };
  },

  /** What was mirrored stays. */
  dhiRemoveMirroredRepository(
    { context, input }: Named & { input: { mirroredRepositoryId: string } },
    asked: Asked,
  ) {
    const organization = managedOrganization(asked, context);
    const { changes } = asked.state.run(
      "DELETE FROM scout_mirrors WHERE org = ? AND id = ?",
      organization.number,
      input.mirroredRepositoryId,
    );
    return changes > 0
      ? { status: "ACCEPTED", message: null }
      : { status: "NOT_FOUND", message: `there is no mirror ${input.mirroredRepositoryId}` };
  },
};

function log(
  state: State,
  org: number,
  { source, name }: MirrorRow,
  tag: string,
  digest: string,
  now: number,
): void {
  state.run(
    "INSERT INTO scout_mirror_logs VALUES (?, ?, ?, ?, ?, ?, 'SUCCEEDED', ?, ?)",
    randomUUID(),
    org,
    source,
    name,
    tag,
    digest,
    written(now),
    written(now),
  );
}

const tagOf = (name: string) => ({ name, lastUpdated });

function sourceOf(name: string) {
  return {
    hostname: sourceHost,
    namespace: sourceNamespace,
    name,
    displayName: findHardened(name)?.displayName ?? name,
  };
}

/** The type `DhiMirroredRepository`. */
function viewOf({ id, source, namespace, name }: MirrorRow) {
  return {
    id,
    destinationRepository: { hostname: hubHost, namespace, name },
    dhiSourceRepository: sourceOf(source),
  };
}
