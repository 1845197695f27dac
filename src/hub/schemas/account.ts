import * as z from "zod";
import { named } from "../../operation.ts";

/** What is said of every user. Emptiness is `""` in places, null in others. */
export const accountFields = {
  /** 32 hexadecimal digits. */
  id: z.string(),
  username: z.string(),
  full_name: z.string().nullish(),
  company: z.string().nullish(),
  location: z.string().nullish(),
  date_joined: z.string().nullish(),
  gravatar_email: z.string().nullish(),
  gravatar_url: z.string().nullish(),
  profile_url: z.string().nullish(),
  /** User or Org. */
  type: z.string().nullish(),
};

const member = z.looseObject({
  ...accountFields,
  email: z.string().nullish(),
  /** Owner, Editor, Member or Invitee; lower case where it is sent. */
  role: z.string().nullish(),
  groups: z.array(z.string()).nullish(),
  is_guest: z.boolean().nullish(),
  primary_email: z.string().nullish(),
  last_logged_in_at: z.string().nullish(),
  last_seen_at: z.string().nullish(),
  last_desktop_version: z.string().nullish(),
});
/** A member of an organization, or somebody who was invited. */
export interface OrgMember extends z.infer<typeof member> {}
export const OrgMember = named<OrgMember>(member);

const groupMember = z.looseObject({ ...accountFields, email: z.string().nullish() });
/** A member of a team. */
export interface GroupMember extends z.infer<typeof groupMember> {}
export const GroupMember = named<GroupMember>(groupMember);
