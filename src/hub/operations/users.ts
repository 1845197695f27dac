/** Users. Not in Docker's description; in use by its tools. */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { username } from "../parameters.ts";
import { accountFields } from "../schemas/account.ts";

const user = z.looseObject({
  ...accountFields,
  is_staff: z.boolean().nullish(),
  is_admin: z.boolean().nullish(),
});
/** A user. */
export interface User extends z.infer<typeof user> {}
const User = named<User>(user);

/** Shows who is signed in. */
export const getCurrent = operation({
  summary: "Shows who is signed in.",
  http: "GET /v2/user/",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({}),
  output: User,
});

/** Shows a user. */
export const get = operation({
  summary: "Shows a user.",
  http: "GET /v2/users/{username}/",
  auth: "none",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ username }),
  output: User,
});

const settings = z.looseObject({
  private_repo_used: z.number().nullish(),
  num_free_private_repos: z.number().nullish(),
  private_repo_limit: z.number().nullish(),
  private_repo_available: z.number().nullish(),
  private_repo_percent_used: z.number().nullish(),
  default_repo_visibility: z.string().nullish(),
});
/** How many private repositories a user has and may have. */
export interface RegistrySettings extends z.infer<typeof settings> {}

/** Shows how many private repositories a user has and may have. */
export const getRegistrySettings = operation({
  summary: "Shows how many private repositories a user has and may have.",
  description: "Last seen in use in 2021.",
  http: "GET /v2/users/{username}/registry-settings/",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ username }),
  output: named<RegistrySettings>(settings),
});
