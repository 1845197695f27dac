/** Which fields of an entity a person wants to see in a line, and how they are written. */
import { scoutColumns } from "../scout/columns.ts";
import { age, ageOf, type Field, number, plain, size, textOf, yes } from "./cell.ts";

const repository: readonly Field[] = [
  { title: "NAME", text: (item) => [item["namespace"], item["name"]].filter(Boolean).join("/") },
  number("pull_count", "PULLS"),
  number("star_count", "STARS"),
  yes("is_private", "PRIVATE"),
  age("last_updated", "UPDATED"),
  plain("description"),
];

const tag: readonly Field[] = [
  plain("name", "TAG"),
  size("full_size", "SIZE"),
  age("tag_last_pushed", "PUSHED"),
  age("tag_last_pulled", "PULLED"),
  { title: "PLATFORMS", text: ({ images }) => platformsOf(images) },
];

const member: readonly Field[] = [
  plain("username", "USER"),
  plain("full_name", "NAME"),
  plain("email"),
  plain("role"),
  { title: "TEAMS", text: ({ groups }) => (Array.isArray(groups) ? groups.join(", ") : "") },
  age("last_seen_at", "SEEN"),
];

const token: readonly Field[] = [
  { title: "ID", text: (item) => textOf(item["uuid"] ?? item["id"]) },
  { title: "LABEL", text: (item) => textOf(item["token_label"] ?? item["label"]) },
  yes("is_active", "ACTIVE"),
  { title: "SCOPES", text: ({ scopes }) => (Array.isArray(scopes) ? scopes.join(", ") : "") },
  { title: "USED", text: (item) => ageOf(item["last_used"] ?? item["last_used_at"]) },
  // To come: how long ago it was says nothing.
  { title: "ENDS", text: ({ expires_at }) => textOf(expires_at).slice(0, 10) },
];

/** By operation, then by area. What is in neither shows what its items have. */
const chosen: Readonly<Record<string, readonly Field[]>> = {
  ...scoutColumns,
  accessTokens: token,
  orgAccessTokens: token,
  repositories: repository,
  stars: repository,
  tags: tag,
  categories: [plain("slug"), plain("name")],
  orgs: [
    plain("orgname", "NAME"),
    plain("full_name", "FULL NAME"),
    plain("user_role", "ROLE"),
    plain("plan_name", "PLAN"),
    plain("company"),
  ],
  orgMembers: member,
  groups: [
    plain("name", "TEAM"),
    number("id", "ID"),
    number("member_count", "MEMBERS"),
    plain("description"),
  ],
  "groups.listMembers": [plain("username", "USER"), plain("full_name", "NAME"), plain("email")],
  invites: [
    plain("id"),
    plain("invitee"),
    plain("team"),
    plain("inviter_username", "BY"),
    age("created_at", "SENT"),
  ],
  "invites.create": [
    plain("invitee"),
    plain("status"),
    { title: "ID", text: ({ invite }) => textOf((invite as { id?: unknown } | null)?.id) },
  ],
  auditLogs: [
    plain("timestamp", "WHEN"),
    plain("actor", "WHO"),
    plain("action"),
    plain("name", "WHAT"),
  ],
  scim: [
    plain("id"),
    plain("userName", "MAIL"),
    plain("displayName", "USER"),
    yes("active", "ACTIVE"),
  ],
  search: [
    { title: "NAME", text: (item) => textOf(item["slug"] ?? item["name"] ?? item["repo_name"]) },
    { title: "BADGE", text: ({ badge }) => (badge === "none" ? "" : textOf(badge)) },
    number("star_count", "STARS"),
    number("pull_count", "PULLS"),
    plain("short_description", "DESCRIPTION"),
  ],
  webhooks: [
    number("id", "ID"),
    plain("name"),
    yes("active", "ACTIVE"),
    plain("creator"),
    { title: "CALLS", text: ({ hooks }) => addressesOf(hooks) },
  ],
  collaborators: [plain("user")],
  comments: [age("created_on", "WRITTEN"), plain("user"), plain("comment")],
  builds: [
    plain("build_code", "BUILD"),
    plain("dockertag_name", "TAG"),
    number("status", "STATUS"),
    age("last_updated", "UPDATED"),
  ],
};

/** The columns for items of an operation. */
export function columnsFor(
  id: string,
  sample: Readonly<Record<string, unknown>>,
): readonly Field[] {
  const known = chosen[id] ?? chosen[id.split(".")[0] ?? ""];
  // Another kind of thing than the area's own, as the links of builds are.
  if (known && known.some(({ text }) => text(sample) !== "")) return known;
  return Object.entries(sample)
    .filter(([, value]) => typeof value !== "object" || value === null)
    .slice(0, 6)
    .map(([name]) => plain(name));
}

function addressesOf(hooks: unknown): string {
  if (!Array.isArray(hooks)) return "";
  return hooks.map(({ hook_url }: Readonly<Record<string, unknown>>) => textOf(hook_url)).join(" ");
}

function platformsOf(images: unknown): string {
  if (!Array.isArray(images)) return "";
  const names = images.flatMap(({ os, architecture, variant }: Readonly<Record<string, string>>) =>
    architecture && architecture !== "unknown"
      ? [`${os}/${architecture}${variant ? `/${variant}` : ""}`]
      : [],
  );
  return [...new Set(names)].join(" ");
}
