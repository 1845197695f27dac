/** Users, and what they have left of private repositories. */
import type * as declared from "../../../hub/operations/users.ts";
import { profileOf } from "../../accounts/accounts.ts";
import { type Behaviours, signedIn } from "../context.ts";
import { forbidden } from "../refusal.ts";
import { accountNamed } from "./found.ts";

/** Private repositories of a personal account. */
const free = 1;

export const users: Behaviours<typeof declared> = {
  getCurrent(context) {
    const { account } = signedIn(context);
    return { ...profileOf(account), email: account.email, is_staff: false, is_admin: false };
  },

  get: (context, { username }) => profileOf(accountNamed(context, username)),

  getRegistrySettings(context, { username }) {
    const account = accountNamed(context, username);
    if (signedIn(context).account.number !== account.number) throw forbidden();
    const used = context.state.count(
      "SELECT count(*) AS count FROM repositories WHERE owner = ? AND is_private = 1",
      account.number,
    );
    return {
      private_repo_used: used,
      num_free_private_repos: free,
      private_repo_limit: free,
      private_repo_available: Math.max(0, free - used),
      private_repo_percent_used: (used / free) * 100,
      default_repo_visibility: "public",
    };
  },
};
