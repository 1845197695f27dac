/** What a directory says of itself. Source: Docker Hub API, "scim"; RFC 7643, sections 5 to 7. */
import { userSchema } from "./attributes.ts";

const mostResults = 99_999;

export const serviceProviderConfig = {
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  documentationUri: "",
  patch: { supported: false },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: mostResults },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: false },
  // One object, where RFC 7643 has a list.
  authenticationSchemes: {
    name: "OAuth 2.0 Bearer Token",
    description: "The token of the directory, as a bearer token (RFC 6750)",
    specUri: "http://tools.ietf.org/html/rfc6750",
    type: "oauthbearertoken",
  },
};

export const resourceTypes = [
  {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: "User",
    name: "User",
    description: "User",
    endpoint: "/Users",
    schema: userSchema,
  },
];

interface Traits {
  readonly type?: "string" | "boolean" | "complex";
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly mutability?: "readWrite" | "readOnly";
  readonly uniqueness?: "none" | "server";
  readonly subAttributes?: readonly object[];
}

function attribute(name: string, description: string, traits: Traits = {}) {
  return {
    name,
    type: "string",
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: "readWrite",
    returned: "default",
    uniqueness: "none",
    ...traits,
  };
}

const readOnly = { mutability: "readOnly" } as const;
const several = { ...readOnly, type: "complex", multiValued: true } as const;

export const schemas = [
  {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    id: userSchema,
    name: "User",
    description: "User Account",
    attributes: [
      attribute("userName", "The user's mail address", { required: true, uniqueness: "server" }),
      attribute("name", "The parts of the user's name", {
        type: "complex",
        subAttributes: [
          attribute("givenName", "The given name"),
          attribute("familyName", "The family name"),
        ],
      }),
      attribute("displayName", "The Docker ID", readOnly),
      attribute("active", "Whether the user belongs to the organization", { type: "boolean" }),
      attribute("emails", "Mail addresses", {
        ...several,
        subAttributes: [
          attribute("value", "The address", readOnly),
          attribute("display", "The address, for people", readOnly),
          attribute("primary", "Whether it is the first", { ...readOnly, type: "boolean" }),
        ],
      }),
      attribute("groups", "Teams that the user is in", {
        ...several,
        subAttributes: [
          attribute("value", "The team", readOnly),
          attribute("display", "The team, for people", readOnly),
        ],
      }),
    ],
  },
];
