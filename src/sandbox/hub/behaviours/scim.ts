/** Users that come from an organization's directory (SCIM 2.0). Who is switched off there leaves the organization. */
import type * as declared from "../../../hub/operations/scim.ts";
import { type Account, findAccount } from "../../accounts/accounts.ts";
import {
  accountByMail,
  createByMail,
  directoryId,
  disable,
  enable,
  note,
  people,
  type Person,
  renewScimToken,
} from "../../accounts/directory.ts";
import { orgSubject, record } from "../../events/audit.ts";
import { isLastOwner, teamsOf } from "../../accounts/membership.ts";
import type { State } from "../../state/state.ts";
import { type Behaviours, type Context, Reply, signedIn } from "../context.ts";
import { isAttribute, select, userSchema, valuesOf } from "../scim/attributes.ts";
import { resourceTypes, schemas, serviceProviderConfig } from "../scim/descriptions.ts";
import { parseFilter } from "../scim/filter.ts";
import { notFound } from "../refusal.ts";
import { scimRefusal } from "../scim/refusal.ts";

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

export const scim: Behaviours<typeof declared> = {
  getServiceProviderConfig: () => serviceProviderConfig,
  listResourceTypes: () => whole(resourceTypes),
  getResourceType: (_, { name }) =>
    resourceTypes.find((type) => type.name === name) ?? absent(`resource type ${name}`),
  listSchemas: () => whole(schemas),
  getSchema: (_, { id }) => schemas.find((schema) => schema.id === id) ?? absent(`schema ${id}`),

  listUsers(context, { startIndex = 1, count = 100, filter, attributes, sortBy, sortOrder }) {
    const org = organization(context);
    const fits = filter === undefined ? () => true : parseFilter(filter);
    const found = people(context.state, org)
      .map((person) => userOf(context, org, person))
      .filter((user) => fits(user));
    const order = sortBy === undefined ? found : sorted(found, sortBy);
    if (sortOrder === "descending") order.reverse();
    const page = order.slice(startIndex - 1, startIndex - 1 + count);
    return {
      schemas: [listSchema],
      totalResults: order.length,
      startIndex,
      itemsPerPage: page.length,
      resources: page.map((user) => select(user, attributes)),
    };
  },

  createUser(context, { schemas: given, userName, name = {} }) {
    const { state, now } = context;
    const org = organization(context);
    checkSchemas(given);
    if (!/^[^\s@]+@[^\s@]+$/.test(userName))
      throw scimRefusal(400, `userName has to be a mail address`, "invalidValue");
    const known = accountByMail(state, userName);
    if (
      known &&
      people(state, org).some(
        ({ number, member_since }) => number === known.number && member_since !== null,
      )
    )
      throw scimRefusal(409, `${userName} belongs to ${org.name} already`, "uniqueness");
    const account = known ?? createByMail(state, userName, name, now);
    enable(state, org, account, now);
    note(state, org, account, name, now);
    record(context, "org.member.add", orgSubject(org, account.name), { role: "member" });
    const user = userOf(context, org, find(context, org, directoryId(account)));
    return new Reply(201, user, { location: user.meta.location });
  },

  getUser(context, { id }) {
    const org = organization(context);
    return userOf(context, org, find(context, org, id));
  },

  updateUser(context, { id, schemas: given, name = {}, enabled = false }) {
    const { state, now } = context;
    const org = organization(context);
    checkSchemas(given);
    const person = find(context, org, id);
    if (!enabled && isLastOwner(state, org, person))
      throw scimRefusal(400, "the last owner of an organization has to stay", "mutability");
    const subject = orgSubject(org, person.name);
    if (enabled && person.member_since === null) {
      enable(state, org, person, now);
      record(context, "org.member.add", subject, { role: "member" });
    }
    if (!enabled && person.member_since !== null) {
      disable(state, org, person, now);
      record(context, "org.member.remove", subject);
    }
    note(state, org, person, name, now);
    const { givenName, familyName } = userOf(context, org, find(context, org, id)).name;
    state.run(
      "UPDATE accounts SET full_name = ? WHERE number = ?",
      `${givenName} ${familyName}`.trim(),
      person.number,
    );
    return userOf(context, org, find(context, org, id));
  },
};

/**
 * A new token for the directory of an organization, as its owner makes one on Docker's pages; the one before ends.
 * @throws HubRefusal 404
 */
export function renewDirectory(state: State, name: string, now: number): { token: string } {
  const org = findAccount(state, name);
  if (org?.type !== "Organization") throw notFound(`there is no organization ${name}`);
  return state.transaction(() => {
    const occasion = { state, now, identity: undefined };
    record(occasion, "enterprise.sso.connection.scim_token_refresh", orgSubject(org));
    return { token: renewScimToken(state, org) };
  });
}

/** Whose directory asks: its token signs in the organization. */
function organization(context: Context): Account {
  return signedIn(context).account;
}

function find({ state }: Context, org: Account, id: string): Person {
  const wanted = id.toLowerCase();
  return (
    people(state, org).find((person) => directoryId(person) === wanted) ?? absent(`user ${id}`)
  );
}

function absent(what: string): never {
  throw scimRefusal(404, `${what} not found`);
}

function checkSchemas(given: readonly string[]): void {
  if (!given.includes(userSchema))
    throw scimRefusal(400, `schemas has to have ${userSchema}`, "invalidSyntax");
}

function sorted<User extends object>(users: readonly User[], attribute: string): User[] {
  if (!isAttribute(attribute))
    throw scimRefusal(400, `there is no attribute ${attribute}`, "invalidPath");
  const keys = new Map(
    users.map((user) => [user, String(valuesOf(user, attribute)[0] ?? "").toLowerCase()]),
  );
  return users.toSorted((a, b) => compare(keys.get(a)!, keys.get(b)!));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function whole<Item>(resources: Item[]) {
  return { schemas: [listSchema], totalResults: resources.length, resources };
}

function userOf({ state, url }: Context, org: Account, person: Person) {
  const id = directoryId(person);
  const [first = "", ...rest] = person.full_name.split(" ");
  const base = url.href.slice(0, url.href.indexOf("/v2/scim/2.0/"));
  return {
    schemas: [userSchema],
    id,
    userName: person.email,
    name: { givenName: person.given ?? first, familyName: person.family ?? rest.join(" ") },
    displayName: person.name,
    active: person.member_since !== null,
    emails: [{ value: person.email, display: person.email, primary: true }],
    groups: teamsOf(state, org, person).map((name) => ({ value: name, display: name })),
    meta: {
      resourceType: "User",
      location: `${base}/v2/scim/2.0/Users/${id}`,
      created: person.joined,
      lastModified: person.modified ?? person.member_since ?? person.joined,
    },
  };
}
