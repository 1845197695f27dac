/** Accounts of a seed, organizations, who is in them, and personal access tokens. */
import { type Account, createAccount, findAccount, uuidOf } from "../accounts/accounts.ts";
import { hashToken } from "../accounts/secrets.ts";
import { type State, written } from "../state/state.ts";
import { momentOf } from "./moment.ts";
import type { AccountSeed, OrganizationSeed, Seed } from "./schema.ts";

/** When those joined of whom the seed does not say it. */
const longAgo = "2y";

/** @param hashes how passwords are kept that are known beforehand, by password */
export function plantAccounts(
  state: State,
  seed: Seed,
  now: number,
  hashes: ReadonlyMap<string, string>,
): void {
  for (const { full_name, tokens = [], password, ...rest } of seed.accounts ?? []) {
    const kept = password === undefined ? undefined : hashes.get(password);
    const account = kept === undefined ? { ...rest, password } : rest;
    const fullName = full_name ?? account.name.charAt(0).toUpperCase() + account.name.slice(1);
    const joined = momentOf(account.joined ?? longAgo, now);
    const created = createAccount(state, { ...defined(account), fullName }, joined);
    if (kept !== undefined)
      state.run("UPDATE accounts SET password = ? WHERE number = ?", kept, created.number);
    for (const token of tokens) plantToken(state, created, token, now);
  }
  for (const organization of seed.organizations ?? []) plantOrganization(state, organization, now);
  // What Docker itself has on Docker Hub: official images, and the repository that tells how many pulls are left.
  for (const [name, fullName, badge] of dockers)
    if (!findAccount(state, name))
      createAccount(
        state,
        { name, fullName, badge, plan: "team", type: "Organization" },
        momentOf("10y", now),
      );
}

const dockers = [
  ["library", "Docker Official Images", "official"],
  ["ratelimitpreview", "Pull limit preview", "none"],
] as const;

function plantToken(
  state: State,
  account: Account,
  token: NonNullable<AccountSeed["tokens"]>[number],
  now: number,
): void {
  const { label, scopes = ["repo:admin"], active = true, created, expires } = token;
  state.run(
    `INSERT INTO access_tokens (uuid, account, hash, label, scopes, is_active, client, address, agent, created, expires)
     VALUES (?, ?, ?, ?, ?, ?, '', '127.0.0.1', '', ?, ?)`,
    uuidOf("token", `${account.name}/${label}/${token.token}`),
    account.number,
    hashToken(token.token),
    label,
    JSON.stringify(scopes),
    active ? 1 : 0,
    written(momentOf(created, now)),
    expires === undefined ? null : written(momentOf(expires, now)),
  );
}

function plantOrganization(state: State, organization: OrganizationSeed, now: number): void {
  const {
    full_name: fullName = "",
    members = {},
    teams = [],
    plan = "team",
    ...rest
  } = organization;
  const joined = momentOf(rest.joined ?? longAgo, now);
  const { number } = createAccount(
    state,
    { ...defined(rest), fullName, plan, type: "Organization" },
    joined,
  );
  // Nobody is in it before there is such an account.
  for (const [name, role] of Object.entries(members))
    state.run(
      "INSERT INTO members SELECT ?, number, ?, max(joined, ?) FROM accounts WHERE name = ?",
      number,
      role,
      written(joined),
      name,
    );
  for (const token of rest.tokens ?? [])
    plantOrganizationToken(state, organization, number, token, now);
  const owners = Object.keys(members).filter((name) => members[name] === "owner");
  const said = teams.some(({ name }) => name === "owners");
  for (const team of said ? teams : [{ name: "owners", members: owners }, ...teams]) {
    const { id } = state.run(
      "INSERT INTO teams (uuid, org, name, description) VALUES (?, ?, ?, ?)",
      uuidOf("team", `${organization.name}/${team.name}`),
      number,
      team.name,
      ("description" in team ? team.description : undefined) ??
        `The ${team.name} of ${organization.name}`,
    );
    for (const name of team.members ?? [])
      state.run("INSERT OR IGNORE INTO team_members VALUES (?, ?)", id, numberOf(state, name));
  }
}

function plantOrganizationToken(
  state: State,
  { name, members = {} }: OrganizationSeed,
  organization: number,
  token: NonNullable<OrganizationSeed["tokens"]>[number],
  now: number,
): void {
  const { label, resources = [], active = true, created, expires } = token;
  const creator = ownerAmong(members) ?? name;
  state.run(
    `INSERT INTO org_access_tokens (id, org, hash, label, description, resources, is_active, creator, created, expires)
     VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?)`,
    uuidOf("token", `${name}/${label}/${token.token}`),
    organization,
    hashToken(token.token),
    label,
    JSON.stringify(resources),
    active ? 1 : 0,
    creator,
    written(momentOf(created, now)),
    expires === undefined ? null : written(momentOf(expires, now)),
  );
}

/** The first owner of an organization: who did there what the seed says nobody did. */
export function ownerAmong(members: OrganizationSeed["members"] = {}): string | undefined {
  return Object.keys(members).find((name) => members[name] === "owner");
}

/** The number of an account that is known to be there. */
export function numberOf(state: State, name: string): number {
  return findAccount(state, name)!.number;
}

type Defined<Fields> = { [Field in keyof Fields]: Exclude<Fields[Field], undefined> };

/** Without the fields that are there and undefined. */
function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>;
}
