/** Webhooks of a repository: named lists of addresses that are called when a tag is pushed. A pipeline is one with a short name. */
import type * as declared from "../../../hub/operations/webhooks.ts";
import { slugOf } from "../../events/plant.ts";
import { written } from "../../state/state.ts";
import { type Behaviours, type Context, Reply, signedIn } from "../context.ts";
import { pageOfList } from "../pages.ts";
import { badRequest, conflict, invalidFields, notFound } from "../refusal.ts";
import { repositoryFor } from "./found.ts";

interface Row {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly awaits_callback: number;
  readonly creator: string;
  readonly created: string;
}

interface HookRow {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly creator: string;
  readonly created: string;
}

/** Addresses of a repository, and characters of one. */
const most = 50;
const longest = 2000;

export const webhooks: Behaviours<typeof declared> = {
  list(context, input) {
    const { id } = repositoryFor(context, input, "admin");
    const rows = context.state.all<Row>(
      "SELECT * FROM webhooks WHERE repository = ? ORDER BY id",
      id,
    );
    const page = pageOfList(context, input, rows);
    return { ...page, results: page.results.map((row) => webhookOf(context, row)) };
  },

  create(context, { name, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    return new Reply(201, webhookOf(context, addWebhook(context, id, { name })));
  },

  delete(context, { webhook_id, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    const { changes } = context.state.run(
      "DELETE FROM webhooks WHERE id = ? AND repository = ?",
      webhook_id,
      id,
    );
    if (changes === 0) throw notFound(`webhook ${webhook_id} not found`);
  },

  createHook(context, { webhook_id, hook_url, ...input }) {
    const { state } = context;
    const { id } = repositoryFor(context, input, "admin");
    if (!state.one("SELECT 1 FROM webhooks WHERE id = ? AND repository = ?", webhook_id, id))
      throw notFound(`webhook ${webhook_id} not found`);
    const made = addHook(context, id, webhook_id, { name: "", hook_url });
    const row = state.one<HookRow>("SELECT * FROM webhook_hooks WHERE id = ?", made);
    return new Reply(201, hookOf(row!));
  },
};

/** @throws HubRefusal 400 for a name without letters, 409 for one that is taken */
export function addWebhook(
  context: Context,
  repository: number,
  { name, awaitsCallback = false }: { readonly name: string; readonly awaitsCallback?: boolean },
): Row {
  const { state, now } = context;
  const slug = slugOf(name);
  if (slug === "" || name.length > 100)
    throw badRequest(
      "the name of a webhook has up to 100 characters, letters or digits among them",
    );
  if (state.one("SELECT 1 FROM webhooks WHERE repository = ? AND slug = ?", repository, slug))
    throw conflict(`webhook ${slug} already exists`);
  const { id } = state.run(
    "INSERT INTO webhooks (repository, name, slug, awaits_callback, creator, created) VALUES (?, ?, ?, ?, ?, ?)",
    repository,
    name,
    slug,
    awaitsCallback ? 1 : 0,
    signedIn(context).account.name,
    written(now),
  );
  return state.one<Row>("SELECT * FROM webhooks WHERE id = ?", id)!;
}

/**
 * @returns the number of the new address
 * @throws HubRefusal 400 for what can never be called, and where there are many already
 */
export function addHook(
  context: Context,
  repository: number,
  webhook: number,
  { name, hook_url }: { readonly name: string; readonly hook_url: string },
): number {
  const { state, now } = context;
  const url = hook_url.length <= longest && URL.canParse(hook_url) ? new URL(hook_url) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw invalidFields({ area: "webhooks", isRead: false }, { hook_url: ["is no http address"] });
  const count = state.count(
    "SELECT count(*) AS count FROM webhook_hooks h JOIN webhooks w ON w.id = webhook WHERE repository = ?",
    repository,
  );
  if (count >= most) throw badRequest(`a repository has at most ${most} addresses`);
  return state.run(
    "INSERT INTO webhook_hooks (webhook, name, address, creator, created) VALUES (?, ?, ?, ?, ?)",
    webhook,
    name,
    url.href,
    signedIn(context).account.name,
    written(now),
  ).id;
}

function webhookOf({ state }: Context, row: Row) {
  const hooks = state.all<HookRow>(
    "SELECT * FROM webhook_hooks WHERE webhook = ? ORDER BY id",
    row.id,
  );
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    active: true,
    expect_final_callback: row.awaits_callback === 1,
    creator: row.creator,
    last_updated: hooks.at(-1)?.created ?? row.created,
    last_updater: hooks.at(-1)?.creator ?? row.creator,
    hooks: hooks.map(hookOf),
  };
}

function hookOf({ id, name, address, creator, created }: HookRow) {
  return {
    id,
    ...(name !== "" && { name }),
    creator,
    last_updater: creator,
    hook_url: address,
    date_added: created,
    last_updated: created,
    active: true,
  };
}
