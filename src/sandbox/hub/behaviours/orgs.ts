/** Organizations. */
import type * as declared from "../../../hub/operations/orgs.ts";
import { type Account, profileOf } from "../../accounts/accounts.ts";
import { teamsOf } from "../../accounts/membership.ts";
import type { Role } from "../../accounts/permissions.ts";
import { type Behaviours, signedIn } from "../context.ts";
import { pageOfList } from "../pages.ts";
import { organizationFor } from "./found.ts";

export const orgs: Behaviours<typeof declared> = {
  list(context, input) {
    const { account } = signedIn(context);
    const rows = context.state.all<Account & { role: Role }>(
      `SELECT a.*, role FROM members JOIN accounts a ON a.number = org
       WHERE account = ? ORDER BY a.name`,
      account.number,
    );
    const page = pageOfList(context, input, rows);
    return {
      ...page,
      results: page.results.map((org) => ({
        ...shown(org),
        user_role: capitalized(org.role),
        user_groups: teamsOf(context.state, org, account),
        org_groups_count: context.state.count(
          "SELECT count(*) AS count FROM teams WHERE org = ?",
          org.number,
        ),
      })),
    };
  },

  get: (context, { org_name }) => shown(organizationFor(context, org_name).org),
};

/** As roles are told; they are taken in lower case. */
export function capitalized(role: string): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}

function shown(org: Account) {
  const { username: _, ...profile } = profileOf(org);
  return {
    ...profile,
    orgname: org.name,
    badge: org.badge,
    is_active: true,
    plan_name: org.plan,
    parent_name: "",
  };
}
