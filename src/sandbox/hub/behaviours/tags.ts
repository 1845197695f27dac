/** Tags, as the registry has them. */
import type * as declared from "../../../hub/operations/tags.ts";
import { record, repositorySubject } from "../../events/audit.ts";
import type { DescribedImage } from "../../registry/describe.ts";
import { isImmutable } from "../../repositories.ts";
import { type Behaviours, type Context, Later, Reply } from "../context.ts";
import { type PageInput, pageOf, pageOfList } from "../pages.ts";
import { forbidden, HubRefusal, invalidFields, noTag } from "../refusal.ts";
import { type RepositoryInput, repositoryFor } from "./found.ts";

interface TagRow {
  readonly id: number;
  readonly repository: number;
  readonly name: string;
  readonly digest: string;
  readonly creator: number;
  readonly updater: number;
  readonly updater_name: string | null;
  readonly pushed: string;
  readonly pulled: string | null;
}

interface ManifestRow {
  readonly media_type: string;
  readonly content_type: string;
  readonly images: string;
}

type Row = TagRow & ManifestRow;

type TagInput = RepositoryInput & { readonly tag: string };

/** Milliseconds after which what nobody touches is inactive. */
const month = 30 * 24 * 3600_000;

export const tags: Behaviours<typeof declared> = {
  list(context, { architecture, os, ...input }) {
    const fits = (image: DescribedImage) =>
      (architecture === undefined || image.architecture === architecture) &&
      (os === undefined || image.os === os);
    if (architecture === undefined && os === undefined)
      return page(context, input, "-last_updated");
    const { id } = repositoryFor(context, input, "read");
    const rows = context.state
      .all<Row>(`${select} ORDER BY ${newestFirst}`, id)
      .filter(({ images }) => imagesOf(images).some(fits));
    const found = pageOfList(context, input, rows);
    return { ...found, results: tagsOf(context, found.results) };
  },
  checkAny: (context, input) =>
    quietly(() => {
      const { id } = repositoryFor(context, input, "read");
      return context.state.one("SELECT 1 FROM tags WHERE repository = ?", id) !== undefined;
    }),
  get: show,
  check: (context, input) => quietly(() => find(context, input) !== undefined),

  delete(context, input) {
    const row = repositoryFor(context, input, "admin");
    const tag = find(context, input);
    if (isImmutable(row, tag.name)) throw forbidden(`tag ${tag.name} is immutable`);
    const path = `${row.namespace}/${row.name}`;
    context.content.forget(path, tag.name);
    context.state.run("DELETE FROM tags WHERE id = ?", tag.id);
    record(context, "repo.tag.delete", repositorySubject(row), {
      tag: tag.name,
      digest: tag.digest,
    });
    return new Later(async () => {
      await context.content.forgotten(path);
      return new Reply(204, undefined) as never;
    });
  },

  listLegacy: (context, input) => page(context, input, input.ordering ?? "-last_updated"),
  getLegacy: show,
  checkLegacy: (context, input) => quietly(() => find(context, input) !== undefined),
};

const select = `
  SELECT t.*, a.name AS updater_name, m.media_type, m.content_type, m.images
  FROM tags t JOIN manifests m USING (repository, digest) LEFT JOIN accounts a ON a.number = t.updater
  WHERE t.repository = ? `;

const newestFirst = "t.pushed DESC, t.id DESC";
const orders = new Map([
  ["name", "t.name ASC"],
  ["-name", "t.name DESC"],
  ["last_updated", "t.pushed ASC, t.id ASC"],
  ["-last_updated", newestFirst],
]);

/** Only what is on the page is read. */
function page(context: Context, input: RepositoryInput & PageInput, ordering: string) {
  const { state } = context;
  const { id } = repositoryFor(context, input, "read");
  const order = orders.get(ordering);
  if (order === undefined)
    throw invalidFields({ area: "tags", isRead: true }, { ordering: ["is not a valid choice"] });
  const count = state.count("SELECT count(*) AS count FROM tags WHERE repository = ?", id);
  const found = pageOf(context, input, count, (limit, offset) =>
    state.all<TagRow>(
      `SELECT t.*, a.name AS updater_name FROM tags t LEFT JOIN accounts a ON a.number = t.updater
       WHERE repository = ? ORDER BY ${order} LIMIT ? OFFSET ?`,
      id,
      limit,
      offset,
    ),
  );
  return { ...found, results: tagsOf(context, found.results) };
}

function find(context: Context, input: TagInput): TagRow {
  const { id } = repositoryFor(context, input, "read");
  const row = context.state.one<TagRow>(
    `SELECT t.*, a.name AS updater_name FROM tags t LEFT JOIN accounts a ON a.number = t.updater
     WHERE repository = ? AND t.name = ?`,
    id,
    input.tag,
  );
  if (!row) throw noTag(input.tag, context.now);
  return row;
}

function show(context: Context, input: TagInput) {
  return tagsOf(context, [find(context, input)])[0]!;
}

/** When a manifest was pushed and pulled. */
interface Times {
  readonly pushed: string | null;
  readonly pulled: string | null;
}

/** Tags of one repository, as Hub tells of them. Manifests are long: each is read once, however many tags it has. */
function tagsOf(context: Context, rows: readonly TagRow[]) {
  const { state } = context;
  const manifestOf = remembered((digest, repository) =>
    state.one<ManifestRow>(
      "SELECT media_type, content_type, images FROM manifests WHERE repository = ? AND digest = ?",
      repository,
      digest,
    ),
  );
  const timesOf = remembered(
    (digest, repository) =>
      state.one<Times>(
        "SELECT pushed, pulled FROM manifests INDEXED BY manifest_times WHERE repository = ? AND digest = ?",
        repository,
        digest,
      ) ?? { pushed: null, pulled: null },
  );
  return rows.map((row) => {
    const manifest = manifestOf(row.digest, row.repository) ?? nothing;
    return tagOf(context, { ...row, ...manifest }, (digest) => timesOf(digest, row.repository));
  });
}

const nothing: ManifestRow = { media_type: "", content_type: "", images: "[]" };

/** Looks each digest of a repository up once. */
function remembered<Value>(look: (digest: string, repository: number) => Value) {
  const known = new Map<string, Value>();
  return (digest: string, repository: number): Value => {
    let value = known.get(digest);
    if (value === undefined) known.set(digest, (value = look(digest, repository)));
    return value;
  };
}

function tagOf(context: Context, row: Row, times: (digest: string) => Times) {
  const images = imagesOf(row.images).map((image) => imageOf(context, image, times));
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

function imageOf(context: Context, image: DescribedImage, times: (digest: string) => Times) {
  const { pushed, pulled } = times(image.digest);
  return {
    ...image,
    layers: [...image.layers],
    features: "",
    os_features: "",
    status: statusAt(context, pushed, pulled),
    last_pulled: pulled,
    last_pushed: pushed,
  };
}

/** Lists of images that were parsed, by their text: many tags, and each request again, have the same. */
const parsed = new Map<string, readonly DescribedImage[]>();
const most = 500;

function imagesOf(text: string): readonly DescribedImage[] {
  let images = parsed.get(text);
  if (!images) {
    if (parsed.size >= most) parsed.clear();
    parsed.set(text, (images = JSON.parse(text) as DescribedImage[]));
  }
  return images;
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
