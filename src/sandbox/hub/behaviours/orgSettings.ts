/** What members of an organization may use: which images, and from which registries. */
import type * as declaredAccess from "../../../hub/operations/registryAccess.ts";
import type * as declared from "../../../hub/operations/orgSettings.ts";
import type { Behaviours, Context } from "../context.ts";
import { organizationFor } from "./found.ts";

const anyImage = { enabled: false, allow_official_images: true, allow_verified_publishers: true };
const anyRegistry = {
  enabled: false,
  standard_registries: [{ id: "DockerHub", allowed: true }],
  custom_registries: [] as { address: string; friendly_name: string; allowed: boolean }[],
};

export const orgSettings: Behaviours<typeof declared> = {
  get: (context, { org_name }) => ({
    restricted_images: read(context, org_name, "restricted_images", anyImage),
  }),

  update(context, { org_name, restricted_images }) {
    write(context, org_name, "restricted_images", restricted_images);
    return { restricted_images };
  },
};

export const registryAccess: Behaviours<typeof declaredAccess> = {
  get: (context, { org_name }) => read(context, org_name, "registry_access", anyRegistry),
  update: (context, { org_name, ...access }) => write(context, org_name, "registry_access", access),
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

function write(context: Context, name: string, setting: string, value: object): void {
  const { org } = organizationFor(context, name, "owner");
  context.state.run(
    "INSERT OR REPLACE INTO org_settings VALUES (?, ?, ?)",
    org.number,
    setting,
    JSON.stringify(value),
  );
}
