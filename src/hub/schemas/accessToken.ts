import * as z from "zod";
import { named } from "../../operation.ts";

const accessToken = z.looseObject({
  uuid: z.string(),
  client_id: z.string().optional(),
  creator_ip: z.string().optional(),
  creator_ua: z.string().optional(),
  created_at: z.string().optional(),
  last_used: z.string().nullish(),
  generated_by: z.string().optional(),
  is_active: z.boolean(),
  /** The secret, once, in the answer to its creation; `""` in all others. */
  token: z.string().optional(),
  token_label: z.string(),
  scopes: z.array(z.string()),
  /** Absent, null or `""`: it never expires. */
  expires_at: z.string().nullish(),
});

/** A personal access token as Docker Hub returns it. */
export interface AccessToken extends z.infer<typeof accessToken> {}
export const AccessToken = named<AccessToken>(accessToken);
