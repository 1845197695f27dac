/** Which registries members of an organization may use from Docker Desktop. Not in Docker's description; in use. */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { org_name } from "../parameters.ts";

const standard = { id: z.string().describe("DockerHub"), allowed: z.boolean() };
const custom = { address: z.string(), friendly_name: z.string(), allowed: z.boolean() };

const access = z.looseObject({
  enabled: z.boolean(),
  standard_registries: z.array(z.looseObject(standard)),
  custom_registries: z.array(z.looseObject(custom)).nullable(),
});
/** Which registries are allowed. */
export interface RegistryAccess extends z.infer<typeof access> {}

/** Shows which registries members of an organization may use. */
export const get = operation({
  summary: "Shows which registries members of an organization may use.",
  http: "GET /v2/orgs/{org_name}/settings/registry-access-management",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ org_name }),
  output: named<RegistryAccess>(access),
});

/** Says which registries members of an organization may use. */
export const update = operation({
  summary: "Says which registries members of an organization may use.",
  http: "PUT /v2/orgs/{org_name}/settings/registry-access-management",
  auth: "owner",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject({
    org_name,
    enabled: z.boolean().describe("Whether registries are restricted at all"),
    standard_registries: z
      .array(z.strictObject(standard))
      .describe("Docker Hub itself: [{ id: DockerHub, allowed }]"),
    custom_registries: z
      .array(z.strictObject(custom))
      .nullable()
      .describe("Others: [{ address, friendly_name, allowed }]"),
  }),
  output: z.void(),
});
