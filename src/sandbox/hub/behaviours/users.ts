/** Users, and what they have left of private repositories. */
import type * as declared from "../../../hub/operations/users.ts";
import { profileOf } from "../../accounts/accounts.ts";
import { privateLimit, privateUsed } from "../../accounts/plans.ts";
import { type Behaviours, signedIn } from "../context.ts";
import { forbidden } from "../refusal.ts";
import { accountNamed } from "./found.ts";

export const users: Behaviours<typeof declared> = {
  getCurrent(context) {
    const { account } = signedIn(context);
    return { ...profileOf(account), email: account.email, is_staff: false, is_admin: false };
  },

  get: (context, { username }) => profileOf(accountNamed(context, username)),

  getRegistrySettings(context, { username }) {
    const account = accountNamed(context, username);
    if (signedIn(context).account.number !== account.number) throw forbidden();
    const limit = privateLimit(account);
    const used = privateUsed(context.state, account);
    return {
      private_repo_used: used,
      num_free_private_repos: 1,
      private_repo_limit: limit,
      private_repo_available: Math.max(0, limit - used),
      private_repo_percent_used: (used / limit) * 100,
      default_repo_visibility: "public",
    };
  },
};
