/**
 * Users of a company that come from its directory. Its token is the one of the SSO connection, not the session's.
 * Source: Docker Hub API, "scim"; RFC 7643, RFC 7644.
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";

const mediaType = "application/scim+json";
const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";

const id = z.string().min(1).describe("Id of the user, a UUID");
const schemas = z.array(z.string()).min(1).describe(`What the user is: ${userSchema}`);
const personName = z
  .strictObject({ givenName: z.string().optional(), familyName: z.string().optional() })
  .optional()
  .describe("Given and family name");

const config = z.looseObject({
  schemas: z.array(z.string()).optional(),
  documentationUri: z.string().optional(),
  // One object in Docker's description, a list in RFC 7643.
  authenticationSchemes: z.unknown().optional(),
});
/** What the directory's interface can do. */
export interface ScimServiceProviderConfig extends z.infer<typeof config> {}

const resourceType = z.looseObject({
  schemas: z.array(z.string()).optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  endpoint: z.string().optional(),
  schema: z.string().optional(),
});
/** A kind of thing in the directory. */
export interface ScimResourceType extends z.infer<typeof resourceType> {}

const schema = z.looseObject({
  schemas: z.array(z.string()).optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  attributes: z.array(z.unknown()).optional(),
});
/** The attributes of a kind of thing. */
export interface ScimSchema extends z.infer<typeof schema> {}

const user = z.looseObject({
  schemas: z.array(z.string()).optional(),
  id: z.string(),
  userName: z.string(),
  name: z
    .looseObject({ givenName: z.string().nullish(), familyName: z.string().nullish() })
    .nullish(),
  /** The Docker ID. */
  displayName: z.string().nullish(),
  active: z.boolean().optional(),
  emails: z.array(z.looseObject({})).nullish(),
  groups: z.array(z.looseObject({})).nullish(),
  meta: z.looseObject({}).nullish(),
});
/** A user of the directory. */
export interface ScimUser extends z.infer<typeof user> {}
const ScimUser = named<ScimUser>(user);

const listedUser = user.partial({ userName: true });
/** A user in a list, which has only what `attributes` names beside its id. Source: RFC 7644, section 3.9. */
export interface ListedScimUser extends z.infer<typeof listedUser> {}

/** A list as SCIM sends it; Docker writes `resources`, RFC 7644 `Resources`. */
export interface ScimList<Item> {
  readonly totalResults: number;
  readonly startIndex?: number;
  readonly itemsPerPage?: number;
  readonly resources: Item[];
}

function listOf<Item>(item: z.ZodType<Item>): z.ZodType<ScimList<Item>> {
  const both = z.looseObject({
    schemas: z.array(z.string()).optional(),
    totalResults: z.int(),
    startIndex: z.int().optional(),
    itemsPerPage: z.int().optional(),
    resources: z.array(item).optional(),
    Resources: z.array(item).optional(),
  });
  return named<ScimList<Item>>(
    both.transform(({ Resources, resources = Resources ?? [], ...rest }) => ({
      ...rest,
      resources,
    })),
  );
}

/** Shows what the directory's interface can do. */
export const getServiceProviderConfig = operation({
  summary: "Shows what the directory's interface can do.",
  http: "GET /v2/scim/2.0/ServiceProviderConfig",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({}),
  output: named<ScimServiceProviderConfig>(config),
});

/** Lists the kinds of things in the directory. */
export const listResourceTypes = operation({
  summary: "Lists the kinds of things in the directory.",
  http: "GET /v2/scim/2.0/ResourceTypes",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({}),
  output: listOf<ScimResourceType>(resourceType),
});

/** Shows a kind of thing in the directory. */
export const getResourceType = operation({
  summary: "Shows a kind of thing in the directory.",
  http: "GET /v2/scim/2.0/ResourceTypes/{name}",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({ name: z.string().min(1).describe("Its name, such as User") }),
  output: named<ScimResourceType>(resourceType),
});

/** Lists the attributes of all kinds of things. */
export const listSchemas = operation({
  summary: "Lists the attributes of all kinds of things.",
  http: "GET /v2/scim/2.0/Schemas",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({}),
  output: listOf<ScimSchema>(schema),
});

/** Shows the attributes of a kind of thing. */
export const getSchema = operation({
  summary: "Shows the attributes of a kind of thing.",
  http: "GET /v2/scim/2.0/Schemas/{id}",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({ id: z.string().min(1).describe(`Its URN, such as ${userSchema}`) }),
  output: named<ScimSchema>(schema),
});

/** Lists the users of the directory. */
export const listUsers = operation({
  summary: "Lists the users of the directory.",
  http: "GET /v2/scim/2.0/Users",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({
    startIndex: z.int().min(1).optional().describe("Number of the first, from 1"),
    count: z.int().min(1).max(200).optional().describe("How many, at most 200"),
    filter: z.string().optional().describe('Only such: userName eq "jon.snow@docker.com"'),
    attributes: z.string().optional().describe("Only these attributes, joined by commas"),
    sortOrder: z.enum(["ascending", "descending"]).optional().describe("Which way"),
    sortBy: z.string().optional().describe("By which attribute, such as userName"),
  }),
  output: listOf<ListedScimUser>(listedUser),
  paging: { style: "scim", items: "resources", size: { preset: 100, largest: 200 } },
});

/** Creates a user of the directory. */
export const createUser = operation({
  summary: "Creates a user of the directory.",
  http: "POST /v2/scim/2.0/Users",
  auth: "scim",
  effect: "create",
  mediaType,
  input: z.strictObject({
    schemas,
    userName: z.string().min(1).describe("Mail address"),
    name: personName,
  }),
  output: ScimUser,
});

/** Shows a user of the directory. */
export const getUser = operation({
  summary: "Shows a user of the directory.",
  http: "GET /v2/scim/2.0/Users/{id}",
  auth: "scim",
  effect: "read",
  mediaType,
  input: z.strictObject({ id }),
  output: ScimUser,
});

/** Renames, enables or disables a user of the directory. */
export const updateUser = operation({
  summary: "Renames, enables or disables a user of the directory.",
  description:
    "Without `enabled: true` the user is deactivated: that is Docker's default, so it always counts as destructive.",
  http: "PUT /v2/scim/2.0/Users/{id}",
  auth: "scim",
  effect: "destroy",
  mediaType,
  input: z.strictObject({
    id,
    schemas,
    name: personName,
    enabled: z.boolean().optional().describe("Whether the user may sign in; without it, no"),
  }),
  output: ScimUser,
});
