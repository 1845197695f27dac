/** Webhooks of an organization, and those that notify people. */
import { randomUUID } from "node:crypto";

import { written } from "../../state/state.ts";
import {
  type Asked,
  type ContextInput,
  managedOrganization,
  namedOrganization,
  signedIn,
} from "../asked.ts";
import { badInput, missing } from "../refusal.ts";

interface Row {
  readonly id: string;
  readonly url: string;
  /** JSON */
  readonly events: string;
  readonly signing_key: string | null;
  readonly active: number;
  readonly updated: string;
}

interface Fields {
  readonly payloadUrl: string;
  readonly events: readonly string[];
  readonly signingKey?: string | null;
  readonly active: boolean;
}

interface Named {
  readonly context: ContextInput;
}

export const webhookQueries = {
  listWebhooks({ context }: Named, asked: Asked) {
    return { items: rowsOf(asked, managedOrganization(asked, context).number).map(viewOf) };
  },

  getWebhook({ context, id }: Named & { id: string }, asked: Asked) {
    const rows = rowsOf(asked, managedOrganization(asked, context).number);
    const row = rows.find((each) => each.id === id);
    return row ? viewOf(row) : null;
  },
};

export const webhookMutations = {
  createWebhook({ context, input }: Named & { input: Fields }, asked: Asked) {
    return put(asked, managedOrganization(asked, context).number, randomUUID(), input);
  },

  updateWebhook({ context, input }: Named & { input: Fields & { id: string } }, asked: Asked) {
    const { number } = managedOrganization(asked, context);
    if (!rowsOf(asked, number).some(({ id }) => id === input.id))
      throw missing(`there is no webhook ${input.id}`);
    return put(asked, number, input.id, input);
  },

  deleteWebhook({ context, id }: Named & { id: string }, asked: Asked) {
    const { number } = managedOrganization(asked, context);
    const { changes } = asked.state.run(
      "DELETE FROM scout_webhooks WHERE org = ? AND id = ?",
      number,
      id,
    );
    if (changes === 0) throw missing(`there is no webhook ${id}`);
    return { success: true };
  },
};

function rowsOf({ state }: Asked, org: number): Row[] {
  return state.all<Row>("SELECT * FROM scout_webhooks WHERE org = ? ORDER BY updated, id", org);
}

function put(asked: Asked, org: number, id: string, fields: Fields) {
  const { payloadUrl, events, signingKey, active } = fields;
  if (events.length === 0) throw badInput("a webhook needs an event");
  const row: Row = {
    id,
    url: checkedAddress(payloadUrl),
    events: JSON.stringify(events),
    signing_key: signingKey ?? null,
    active: active ? 1 : 0,
    updated: written(asked.now),
  };
  asked.state.run(
    "INSERT OR REPLACE INTO scout_webhooks VALUES (?, ?, ?, ?, ?, ?, ?)",
    id,
    org,
    row.url,
    row.events,
    row.signing_key,
    row.active,
    row.updated,
  );
  return viewOf(row);
}

/** The type `Webhook`; the key is not told again. */
function viewOf({ id, url, events, signing_key, active, updated }: Row) {
  return {
    id,
    payloadUrl: url,
    events: JSON.parse(events) as string[],
    signingKey: signing_key === null ? null : "********",
    active: active === 1,
    updatedAt: updated,
  };
}

interface NotificationFields {
  readonly name: string;
  readonly webhookType: "GENERIC" | "SLACK";
  readonly url: string;
  readonly repositories: readonly string[];
  readonly filterType: string;
  readonly streams: readonly string[];
  readonly weeklyReportSettings: {
    readonly enabled: boolean;
    readonly excludeTopVulnerabilities: boolean;
    readonly excludePolicies: boolean;
  };
}

interface NotificationRow {
  readonly id: string;
  readonly author: string;
  readonly email: string;
  /** JSON: {@link NotificationFields} */
  readonly fields: string;
  readonly updated: string;
}

type Given = { readonly [Field in keyof NotificationFields]?: NotificationFields[Field] | null };

export const notificationQueries = {
  notificationWebhooks(
    { context, filter }: Named & { filter?: { webhookType?: string | null } | null },
    asked: Asked,
  ) {
    const { number } = namedOrganization(asked, context);
    return notificationsOf(asked, number)
      .map(viewOfNotification)
      .filter(
        ({ webhookType }) => filter?.webhookType == null || webhookType === filter.webhookType,
      );
  },

  notificationWebhook({ context, ID }: Named & { ID: string }, asked: Asked) {
    const { number } = namedOrganization(asked, context);
    const row = notificationsOf(asked, number).find(({ id }) => id === ID);
    return row ? viewOfNotification(row) : null;
  },
};

export const notificationMutations = {
  addNotificationWebhook({ context, input }: Named & { input: Given }, asked: Asked) {
    const { number } = managedOrganization(asked, context);
    const fields: NotificationFields = {
      name: input.name ?? "",
      webhookType: input.webhookType ?? "GENERIC",
      url: checkedAddress(input.url ?? ""),
      repositories: input.repositories ?? [],
      filterType: input.filterType ?? "ALLOW",
      streams: input.streams ?? [],
      weeklyReportSettings: { ...noReport, ...withoutNulls(input.weeklyReportSettings ?? {}) },
    };
    return putNotification(asked, number, randomUUID(), fields);
  },

  updateNotificationWebhook(
    { context, input: { ID, ...input } }: Named & { input: Given & { ID: string } },
    asked: Asked,
  ) {
    const { number } = managedOrganization(asked, context);
    const row = notificationsOf(asked, number).find(({ id }) => id === ID);
    if (!row) throw missing(`there is no webhook ${ID}`);
    const before = JSON.parse(row.fields) as NotificationFields;
    const { weeklyReportSettings, ...given } = withoutNulls(input);
    const fields = {
      ...before,
      ...given,
      weeklyReportSettings: {
        ...before.weeklyReportSettings,
        ...withoutNulls(weeklyReportSettings ?? {}),
      },
    };
    return putNotification(asked, number, ID, { ...fields, url: checkedAddress(fields.url) });
  },

  removeNotificationWebhook({ context, ID }: Named & { ID: string }, asked: Asked) {
    const { number } = managedOrganization(asked, context);
    const { changes } = asked.state.run(
      "DELETE FROM scout_notifications WHERE org = ? AND id = ?",
      number,
      ID,
    );
    if (changes === 0) throw missing(`there is no webhook ${ID}`);
    return true;
  },
};

const noReport = { enabled: false, excludeTopVulnerabilities: false, excludePolicies: false };

function notificationsOf({ state }: Asked, org: number): NotificationRow[] {
  return state.all<NotificationRow>(
    `SELECT n.id, n.fields, n.updated, a.name AS author, a.email FROM scout_notifications n
     JOIN accounts a ON a.number = n.author WHERE n.org = ? ORDER BY n.updated, n.id`,
    org,
  );
}

function putNotification(asked: Asked, org: number, id: string, fields: NotificationFields) {
  asked.state.run(
    "INSERT OR REPLACE INTO scout_notifications VALUES (?, ?, ?, ?, ?)",
    id,
    org,
    signedIn(asked).account.number,
    JSON.stringify(fields),
    written(asked.now),
  );
  return viewOfNotification(notificationsOf(asked, org).find((row) => row.id === id)!);
}

/** A member of the union `NotificationWebhookResult`. Its address is a secret, and hidden but for the host. */
function viewOfNotification({ id, author, email, fields, updated }: NotificationRow) {
  const { url, ...rest } = JSON.parse(fields) as NotificationFields;
  return {
    __typename: rest.webhookType === "SLACK" ? "SlackWebhook" : "GenericWebhook",
    ID: id,
    author: { name: author, email },
    updatedAt: updated,
    url: `${new URL(url).origin}/********`,
    ...rest,
  };
}

function checkedAddress(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw badInput("the address of a webhook begins with https:// or http://");
  return url;
}

function withoutNulls<Given extends object>(given: Given) {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
  ) as { [Field in keyof Given]: NonNullable<Given[Field]> };
}
