/**
 * Automated builds. Nothing is compiled: a build takes the image that the tag, or `latest`, names, notes source and time in it, and
 * pushes that, so that all comes about that a push brings about.
 */
import { digestOf } from "../../reference/digest.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { isObject } from "../../reference/fields.ts";
import type { Content } from "../registry/content.ts";
import { digestAt, findByPath, isImmutable } from "../repositories.ts";
import { type State, written } from "../state/state.ts";
import { matching } from "../tagRules.ts";

export interface BuildSource {
  readonly uuid: string;
  readonly repository: number;
  readonly provider: string;
  /** Of the repository with the sources. */
  readonly owner: string;
  readonly name: string;
  readonly dockerfile: string;
  /** Empty, Building, Success or Failed. */
  readonly state: string;
}

/** What is built under which tag. */
export interface BuildJob {
  readonly tag: string;
  /** The branch or tag of the sources. */
  readonly ref: string;
}

/** Which branch or tag to build; without a name, every one that the rules name. */
export interface BuildRequest {
  readonly source_type?: "Branch" | "Tag" | undefined;
  readonly source_name?: string | undefined;
}

/** What a source's rules make of a request. */
export function jobsOf(state: State, source: BuildSource, request: BuildRequest): BuildJob[] {
  const { source_type, source_name } = request;
  const rules = state.all<{ type: string; name: string; tag: string }>(
    "SELECT type, name, tag FROM build_rules WHERE source = ? ORDER BY id",
    source.uuid,
  );
  return rules.flatMap(({ type, name, tag }) => {
    if (source_type !== undefined && source_type !== type) return [];
    const pattern = /^\/(.*)\/$/.exec(name)?.[1];
    const ref = source_name ?? (pattern === undefined ? name : undefined);
    if (ref === undefined) return [];
    const fits = pattern === undefined ? ref === name : matching([pattern], [ref])?.length === 1;
    return fits ? [{ ref, tag: tag.replace("{sourceref}", () => ref) }] : [];
  });
}

/** Builds, one after another, and notes how it ended. @param now milliseconds since 1970 */
export async function build(
  state: State,
  content: Content,
  source: BuildSource,
  jobs: readonly BuildJob[],
  now: number,
): Promise<void> {
  let outcome = "Success";
  for (const job of jobs)
    if (!(await buildOne(state, content, source, job, now).catch(() => false))) outcome = "Failed";
  state.run("UPDATE build_sources SET state = ? WHERE uuid = ?", outcome, source.uuid);
}

/** @returns whether there was something to build from, and the tag may move */
async function buildOne(
  state: State,
  content: Content,
  source: BuildSource,
  { tag, ref }: BuildJob,
  now: number,
): Promise<boolean> {
  const path = pathOf(state, source.repository);
  const repository = path === undefined ? undefined : findByPath(state, path);
  if (path === undefined || !repository) return false;
  const known = digestAt(state, repository.id, tag);
  const base = known ?? digestAt(state, repository.id, "latest");
  if (base === undefined || (known !== undefined && isImmutable(repository, tag))) return false;
  const store = content.collection.repository(path);
  const { bytes, descriptor } = await store.fetchManifest(base);
  const document: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (!isObject(document)) return false;
  const annotations = {
    ...(isObject(document["annotations"]) && document["annotations"]),
    "org.opencontainers.image.created": written(now),
    "org.opencontainers.image.source": `https://github.com/${source.owner}/${source.name}`,
    "org.opencontainers.image.version": ref,
  };
  const built = Buffer.from(JSON.stringify({ ...document, annotations }));
  const { mediaType = mediaTypes.ociIndex } = descriptor;
  const digest = digestOf(built);
  await store.pushManifest(
    { bytes: built, descriptor: { mediaType, digest, size: built.byteLength } },
    { tag },
  );
  content.note({
    action: "push",
    kind: "manifest",
    repository: path,
    digest,
    tag,
    mediaType,
    user: repository.namespace,
  });
  await content.settled();
  return true;
}

function pathOf(state: State, repository: number): string | undefined {
  return state.one<{ path: string }>(
    "SELECT a.name || '/' || r.name AS path FROM repositories r JOIN accounts a ON a.number = owner WHERE r.id = ?",
    repository,
  )?.path;
}

/** For the control: what can be built, and the secret addresses by which. */
export function buildsOf(state: State) {
  return state.all<{ repository: string; source: string; state: string; trigger: string }>(
    `SELECT a.name || '/' || r.name AS repository, s.owner || '/' || s.name AS source, s.state,
       '/api/build/v1/source/' || s.uuid || '/trigger/' || t.uuid || '/call/' AS trigger
     FROM build_sources s JOIN build_triggers t ON t.source = s.uuid
       JOIN repositories r ON r.id = s.repository JOIN accounts a ON a.number = r.owner ORDER BY 1`,
  );
}
