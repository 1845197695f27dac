/** What members of an organization may use: which images, and from which registries. */
import type * as declaredAccess from "../../../hub/operations/registryAccess.ts";
import type { RegistryAccess } from "../../../hub/operations/registryAccess.ts";
import type * as declared from "../../../hub/operations/orgSettings.ts";
import type { Account } from "../../accounts/accounts.ts";
import { orgSubject, record } from "../../events/audit.ts";
import type { Behaviours, Context } from "../context.ts";
import { badRequest } from "../refusal.ts";
import { organizationFor } from "./found.ts";

const anyImage = { enabled: false, allow_official_images: true, allow_verified_publishers: true };
const anyRegistry: RegistryAccess = {
  enabled: false,
  standard_registries: [{ id: "DockerHub", allowed: true }],
  custom_registries: [],
};

export const orgSettings: Behaviours<typeof declared> = {
  get: (context, { org_name }) => ({
    restricted_images: read(context, org_name, "restricted_images", anyImage),
  }),

  update(context, { org_name, restricted_images }) {
    const org = write(context, org_name, "restricted_images", restricted_images);
    record(context, "org.settings.update", orgSubject(org), { setting: "restricted_images" });
    return { restricted_images };
  },
};

export const registryAccess: Behaviours<typeof declaredAccess> = {
  get: (context, { org_name }) => read(context, org_name, "registry_access", anyRegistry),

  update(context, { org_name, ...access }) {
    const other = access.standard_registries.find(({ id }) => id !== "DockerHub");
    if (other) throw badRequest(`there is no standard registry ${other.id}, only DockerHub`);
    const before = read(context, org_name, "registry_access", anyRegistry);
    const org = write(context, org_name, "registry_access", access);
    recordAccess(context, org, before, access);
  },
};

function read<Value>(context: Context, name: string, setting: string, preset: Value): Value {
  const { org } = organizationFor(context, name);
  const row = context.state.one<{ value: string }>(
    "SELECT value FROM org_settings WHERE org = ? AND name = ?",
    org.number,
    setting,
  );
  return row ? (JSON.parse(row.value) as Value) : preset;
}

function write(context: Context, name: string, setting: string, value: object): Account {
  const { org } = organizationFor(context, name, "owner");
  context.state.run(
    "INSERT OR REPLACE INTO org_settings VALUES (?, ?, ?)",
    org.number,
    setting,
    JSON.stringify(value),
  );
  return org;
}

/** An entry for the switch, and one for each registry that came, went or is another now. */
function recordAccess(
  context: Context,
  org: Account,
  before: RegistryAccess,
  after: RegistryAccess,
): void {
  const subject = orgSubject(org);
  if (before.enabled !== after.enabled)
    record(context, `org.registry_access.${after.enabled ? "enabled" : "disabled"}`, subject);
  const [old, now] = [registriesOf(before), registriesOf(after)];
  for (const [registry, entry] of now) {
    if (old.get(registry) === entry) continue;
    const what = old.has(registry) ? "updated" : "added";
    record(context, `org.registry_access.registry_${what}`, subject, { registry });
  }
  for (const registry of old.keys())
    if (!now.has(registry))
      record(context, "org.registry_access.registry_removed", subject, { registry });
}

/** What is said of each, by id or address. */
function registriesOf({
  standard_registries,
  custom_registries,
}: RegistryAccess): ReadonlyMap<string, string> {
  const entries = [
    ...standard_registries.map((one) => [one.id, JSON.stringify(one)] as const),
    ...(custom_registries ?? []).map((one) => [one.address, JSON.stringify(one)] as const),
  ];
  return new Map(entries);
}
