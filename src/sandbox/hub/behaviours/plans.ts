/** What an account pays for. */
import type * as declared from "../../../hub/operations/plans.ts";
import type { Account } from "../../accounts/accounts.ts";
import { privateLimit } from "../../accounts/plans.ts";
import { roleOf } from "../../accounts/permissions.ts";
import { type Behaviours, signedIn } from "../context.ts";
import { forbidden, notFound } from "../refusal.ts";

export const plans: Behaviours<typeof declared> = {
  get(context, { account_id }) {
    const { state } = context;
    const account = state.one<Account>("SELECT * FROM accounts WHERE id = ?", account_id);
    if (!account) throw notFound();
    const caller = signedIn(context).account;
    if (caller.number !== account.number && !roleOf(state, account, caller)) throw forbidden();
    const paid = account.plan !== "free";
    return {
      name: account.plan,
      legacy: false,
      seats:
        state.count("SELECT count(*) AS count FROM members WHERE org = ?", account.number) || 1,
      private_repos: privateLimit(account),
      teams: paid ? 9999 : 0,
      collaborators: paid ? 9999 : 0,
      parallel_builds: paid ? 15 : 0,
      duration: "month",
    };
  },
};
