/** What happened in an account: told to owners of an organization, and to a user of what happened in the account itself. */
import type * as declared from "../../../hub/operations/auditLogs.ts";
import type { Account } from "../../accounts/accounts.ts";
import { auditActions } from "../../events/actions.ts";
import { auditKept, sayingOf } from "../../events/audit.ts";
import { written } from "../../state/state.ts";
import { type Behaviours, type Context, signedIn } from "../context.ts";
import { forbidden } from "../refusal.ts";
import { accountNamed, organizationFor } from "./found.ts";

interface Row {
  readonly action: string;
  readonly name: string;
  readonly actor: string;
  readonly data: string;
  readonly time: string;
}

export const auditLogs: Behaviours<typeof declared> = {
  list(context, { account: name, action, actor, from, to, page = 1, page_size = 25, ...input }) {
    const account = watched(context, name);
    const rows = context.state.all<Row>(
      `SELECT * FROM audit_events
       WHERE account = ?1 AND time >= ?2 AND time <= ?3 AND (?4 IS NULL OR action = ?4)
         AND (?5 IS NULL OR actor = ?5) AND (?6 IS NULL OR name = ?6)
       ORDER BY time DESC, id DESC LIMIT ?7 OFFSET ?8`,
      account.number,
      written(Math.max(from === undefined ? 0 : Date.parse(from), context.now - auditKept)),
      // A moment of the request is no finer than a millisecond, those of the log are written with six digits.
      to === undefined ? "9999" : written(Date.parse(to)),
      action ?? null,
      actor ?? null,
      input.name ?? null,
      page_size,
      (page - 1) * page_size,
    );
    return {
      logs: rows.map(({ action, name, actor, time, ...row }) => {
        const data = JSON.parse(row.data) as Record<string, string>;
        return {
          account: account.name,
          action,
          name,
          actor,
          data,
          timestamp: time,
          action_description: sayingOf(action, name, data),
        };
      }),
    };
  },

  listActions(context, { account }) {
    watched(context, account);
    return { actions: auditActions };
  },
};

/** @throws HubRefusal 404 for nobody, 403 for an account that is not one's own */
function watched(context: Context, name: string): Account {
  const account = accountNamed(context, name);
  if (account.type === "Organization") return organizationFor(context, name, "owner").org;
  if (signedIn(context).account.number !== account.number) throw forbidden();
  return account;
}
