/** Tags, as the registry has them. */
import type * as declared from "../../../hub/operations/tags.ts";
import { record, repositorySubject } from "../../events/audit.ts";
import type { DescribedImage } from "../../registry/describe.ts";
import { isImmutable } from "../../repositories.ts";
import { type Behaviours, type Context, Later, Reply } from "../context.ts";
import { type PageInput, pageOfList } from "../pages.ts";
import { forbidden, HubRefusal, invalidFields, noTag } from "../refusal.ts";
import { type RepositoryInput, repositoryFor } from "./found.ts";

interface Row {
  readonly id: number;
  readonly repository: number;
  readonly name: string;
  readonly digest: string;
  readonly creator: number;
  readonly updater: number;
  readonly updater_name: string | null;
  readonly pushed: string;
  readonly pulled: string | null;
  readonly media_type: string;
  readonly content_type: string;
  readonly images: string;
}

type TagInput = RepositoryInput & { readonly tag: string };

/** Milliseconds after which what nobody touches is inactive. */
const month = 30 * 24 * 3600_000;

export const tags: Behaviours<typeof declared> = {
  list(context, { architecture, os, ...input }) {
    const fits = (image: DescribedImage) =>
      (architecture === undefined || image.architecture === architecture) &&
      (os === undefined || image.os === os);
    const rows = all(context, input, "-last_updated");
    const wanted =
      architecture === undefined && os === undefined
        ? rows
        : rows.filter(({ images }) => (JSON.parse(images) as DescribedImage[]).some(fits));
    return listed(context, input, wanted);
  },
  checkAny: (context, input) => quietly(() => all(context, input, "name").length > 0),
  get: show,
  check: (context, input) => quietly(() => find(context, input) !== undefined),

  delete(context, input) {
    const row = repositoryFor(context, input, "admin");
    const tag = find(context, input);
    if (isImmutable(row, tag.name)) throw forbidden(`tag ${tag.name} is immutable`);
    context.state.run("DELETE FROM tags WHERE id = ?", tag.id);
    record(context, "repo.tag.delete", repositorySubject(row), {
      tag: tag.name,
      digest: tag.digest,
    });
    return new Later(async () => {
      await context.content.deleteTag(`${row.namespace}/${row.name}`, tag.name);
      return new Reply(204, undefined) as never;
    });
  },

  listLegacy: (context, input) =>
    listed(context, input, all(context, input, input.ordering ?? "-last_updated")),
  getLegacy: show,
  checkLegacy: (context, input) => quietly(() => find(context, input) !== undefined),
};

const select = `
  SELECT t.*, a.name AS updater_name, m.media_type, m.content_type, m.images
  FROM tags t JOIN manifests m USING (repository, digest) LEFT JOIN accounts a ON a.number = t.updater
  WHERE t.repository = ? `;

const orders: Readonly<Record<string, string>> = {
  name: "t.name ASC",
  "-name": "t.name DESC",
  last_updated: "t.pushed ASC, t.id ASC",
  "-last_updated": "t.pushed DESC, t.id DESC",
};

function all(context: Context, input: RepositoryInput, ordering: string): Row[] {
  const { id } = repositoryFor(context, input, "read");
  const order = orders[ordering];
  if (order === undefined)
    throw invalidFields({ area: "tags", isRead: true }, { ordering: ["is not a valid choice"] });
  return context.state.all<Row>(`${select} ORDER BY ${order}`, id);
}

function find(context: Context, input: TagInput): Row {
  const { id } = repositoryFor(context, input, "read");
  const row = context.state.one<Row>(`${select} AND t.name = ?`, id, input.tag);
  if (!row) throw noTag(input.tag, context.now);
  return row;
}

function show(context: Context, input: TagInput) {
  return tagOf(context, find(context, input));
}

function listed(context: Context, input: PageInput, rows: readonly Row[]) {
  const page = pageOfList(context, input, rows);
  return { ...page, results: page.results.map((row) => tagOf(context, row)) };
}

function tagOf(context: Context, row: Row) {
  const images = (JSON.parse(row.images) as DescribedImage[]).map((image) =>
    imageOf(context, row.repository, image),
  );
  return {
    id: row.id,
    name: row.name,
    creator: row.creator,
    repository: row.repository,
    last_updated: row.pushed,
    last_updater: row.updater,
    last_updater_username: row.updater_name,
    images,
    full_size: images.reduce((sum, { size }) => sum + size, 0),
    v2: true,
    tag_status: statusAt(context, row.pushed, row.pulled),
    tag_last_pulled: row.pulled,
    tag_last_pushed: row.pushed,
    media_type: row.media_type,
    content_type: row.content_type,
    digest: row.digest,
  };
}

function imageOf(context: Context, repository: number, image: DescribedImage) {
  const manifest = context.state.one<{ pushed: string; pulled: string | null }>(
    "SELECT pushed, pulled FROM manifests WHERE repository = ? AND digest = ?",
    repository,
    image.digest,
  );
  return {
    ...image,
    layers: [...image.layers],
    features: "",
    os_features: "",
    status: statusAt(context, manifest?.pushed ?? null, manifest?.pulled ?? null),
    last_pulled: manifest?.pulled ?? null,
    last_pushed: manifest?.pushed ?? null,
  };
}

function statusAt({ now }: Context, pushed: string | null, pulled: string | null): string {
  const latest = Math.max(...[pushed, pulled].map((time) => (time ? Date.parse(time) : 0)));
  return now - latest > month ? "inactive" : "active";
}

/** What is not there is an answer to whoever asks just that. */
function quietly(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (error instanceof HubRefusal && error.status === 404) return false;
    throw error;
  }
}
