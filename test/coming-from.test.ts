/** docs/coming-from.md: every name of the older tools has a row, and every name that a row gives for it exists. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { groups } from "../src/cli/index.ts";
import { scoutEntries } from "../src/cli/scout/commands.ts";
import { hubEntries } from "../src/cli/hub/commands.ts";
import { commands as dxfCommands } from "../src/cli/dxf/commands.ts";
import * as compat from "../src/compat/dockerHubApi.ts";
import * as blobstore from "../src/entrance/blobstore.ts";
import * as hubEntrance from "../src/entrance/hub.ts";
import * as registryEntrance from "../src/entrance/registry.ts";
import * as scoutEntrance from "../src/entrance/scout.ts";
import { errorTable } from "../src/errors.ts";

const page = readFileSync("docs/coming-from.md", "utf8");

interface Row {
  /** The headings that it stands below. */
  readonly section: string;
  readonly theirs: string;
  readonly library: readonly string[];
  readonly command: readonly string[];
  readonly note: readonly string[];
  readonly remark: string;
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

const rows: Row[] = [];
let section = "";
for (const line of page.split("\n")) {
  section = /^##+ ([^ ]+)/.exec(line)?.[1] ?? section;
  const [, theirs = "", library = "", command = "", note = ""] = line.split("|");
  const [name] = quoted(theirs);
  if (!line.startsWith("|") || name === undefined) continue;
  rows.push({
    section,
    theirs: name,
    library: quoted(library),
    command: quoted(command),
    note: quoted(note),
    remark: note,
  });
}

/** What programs of the older tools call, by the section of the page; names of several words have commas between them. */
const theirs: Readonly<Record<string, string>> = {
  "docker-hub-api":
    "setCacheOptions login setLoginToken loggedInUser registrySettings user repositories repositoriesStarred repository buildLinks buildSettings buildTrigger buildTriggerHistory collaborators deleteRepository starRepository unstarRepository comments tags buildHistory webhooks addCollaborator deleteCollaborator buildDetails createBuildLink deleteBuildLink deleteBuildTag deleteWebhook createWebhook createRepository createAutomatedBuild createBuildTag triggerBuild setRepositoryDescription createWebhookHook saveBuildTag DOCKER_HUB_USERNAME DOCKER_HUB_PASSWORD DOCKER_HUB_LOGIN_TOKEN",
  "dockerhub-proxy":
    "DockerHub get_user_details get_repositories get_repository get_tags get_dockerfile get_autobuild_settings get_comments get_build_history get_build_details /users/<username> /repositories/<username> /repositories/<username>/<repository> /repositories/<username>/<repository>/tags /repositories/<username>/<repository>/dockerfile /repositories/<username>/<repository>/autobuild /repositories/<username>/<repository>/comments /repositories/<username>/<repository>/builds /repositories/<username>/<repository>/builds/<build_code> DOCKERHUB_USERNAME DOCKERHUB_PASSWORD DOCKERHUB_TOKEN HTTP_HOST HTTP_PORT CORS_ORIGINS",
  "dockerhub-api":
    "get_client get_registry_client get_scout_client get_cves ApiError ParameterError AuthError UnauthorizedError DOCKER_HUB_USER DOCKER_HUB_TOKEN DOCKERHUB_ALLOW_DESTRUCTIVE DOCKERHUB_JWT DOCKERHUB_URL DOCKER_SCOUT_URL",
  crane:
    "append, auth login, auth logout, auth get, blob, catalog, config, copy, delete, digest, export, flatten, index, ls, manifest, mutate, pull, push, rebase, registry serve, tag, validate, version",
  "hub-tool":
    "login, logout, account info, account rate-limiting, org ls, org members, org teams, repo ls, repo rm, tag ls, tag inspect, tag rm, token create, token ls, token inspect, token activate, token deactivate, token rm",
  hub_auth:
    "create_token login two_factor_login list_pats create_pat get_pat update_pat delete_pat list_oats create_oat get_oat update_oat delete_oat",
  hub_repos:
    "list create get check list_tags check_tags get_tag check_tag set_immutable_tags verify_immutable_tags assign_group",
  hub_org:
    "get_settings update_settings list_members export_members update_member remove_member list_invites delete_invite resend_invite bulk_invite",
  hub_teams: "list create get update patch delete list_members add_member remove_member",
  hub_audit: "logs actions",
  hub_scim:
    "service_provider_config resource_types resource_type schemas schema list_users get_user create_user update_user",
  hub_admin: "rate_limit whoami",
  hub_registry:
    "api_version list_tags get_manifest check_manifest resolve_digest list_platforms get_config inspect get_blob check_blob list_referrers delete_manifest delete_blob start_upload upload_chunk complete_upload mount_blob put_manifest",
  hub_scout: "summary cves vulnerabilities sbom compare policies policy_evaluation",
  docker_registry2:
    "connect ping search tags manifest manifest_digest digest blob blob_size pull rmtag tag push copy rmrepo doget doput dodelete dohead paginate_doget manifest_sum parse_link_header last user password open_timeout read_timeout http_options RegistryAuthenticationException RegistryAuthorizationException RegistryUnknownException RegistrySSLException RegistryVersionException ReauthenticatedException UnknownRegistryException NotFound InvalidMethod",
  dxf: "auth push-blob pull-blob blob-size mount-blob del-blob set-alias get-alias del-alias get-digest get-manifest list-aliases list-repos DXF DXFBase token authenticate push_blob pull_blob blob_size mount_blob del_blob make_manifest set_manifest set_alias get_manifest get_manifest_and_response head_manifest_and_response get_alias get_digest del_alias list_aliases list_repos api_version_check from_base hash_bytes hash_file split_digest DXFError DXFUnexpectedError DXFUnexpectedStatusCodeError DXFDigestMismatchError DXFUnexpectedKeyTypeError DXFUnexpectedDigestMethodError DXFDisallowedSignatureAlgorithmError DXFSignatureChainNotImplementedError DXFUnauthorizedError DXFAuthInsecureError DXFDigestNotAvailableForSchema1 DXFMountFailed DXFUnsupportedSchemaType DXFPlatformDataNotFound DXF_HOST DXF_INSECURE DXF_USERNAME DXF_PASSWORD DXF_AUTHORIZATION DXF_AUTH_HOST DXF_TOKEN DXF_PROGRESS DXF_BLOB_INFO DXF_CHUNK_SIZE DXF_SKIPTLSVERIFY DXF_TLSVERIFY DXF_PLATFORM REQUESTS_CA_BUNDLE",
};

describe("every name of the older tools has a row", () => {
  for (const [heading, names] of Object.entries(theirs))
    test(heading, () => {
      const here = new Set(rows.filter((row) => row.section === heading).map((row) => row.theirs));
      const missing = names
        .split(names.includes(",") ? ", " : " ")
        .filter((name) => !here.has(name));
      assert.deepEqual(missing, []);
    });

  test("dockerhub-api's nine tools have 81 actions", () => {
    const tools = Object.keys(theirs).filter((heading) => heading.startsWith("hub_"));
    assert.equal(rows.filter((row) => tools.includes(row.section)).length, 81);
  });
});

test("the module of docker-hub-api has all of its 36 names", () => {
  const names = theirs["docker-hub-api"]!.split(" ").filter((name) => !name.startsWith("DOCKER_"));
  assert.equal(names.length, 36);
  for (const name of names) assert.equal(typeof Reflect.get(compat, name), "function", name);
});

// Nothing is connected to: these are looked at, not called.
const hub = hubEntrance.createHub({ credentials: { kind: "anonymous" }, environment: {} });
const registry = registryEntrance.connect("docker.io");
const objects: Readonly<Record<string, object>> = {
  hub,
  scout: scoutEntrance.createScout({ credentials: { kind: "anonymous" }, environment: {} }),
  registry,
  repository: registry.repository("library/nginx"),
  store: new blobstore.BlobStore("docker.io", "library/nginx"),
  dxf: new blobstore.DXF("docker.io", "library/nginx"),
};
const exported: object = { ...registryEntrance, ...hubEntrance, ...scoutEntrance, ...blobstore };
const commandNames = new Set(
  [...groups.flatMap(({ entries }) => entries), ...hubEntries(), ...scoutEntries()].map(
    ({ name }) => name,
  ),
);
const sources = globSync("src/**/*.ts", { exclude: ["**/*.test.ts"] })
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

/** Whether a name of ours exists, wherever such a name is looked for. */
function exists(name: string): boolean {
  if (name.startsWith("wharf ")) return isCommand(name.slice("wharf ".length));
  if (Object.hasOwn(errorTable, name)) return true;
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(name))
    return sources.includes(`"${name}"`) || sources.includes(`'${name}'`);
  const [first = "", ...path] = name.split(".");
  if (path.length === 0) return first in exported;
  let found: unknown = objects[first];
  for (const part of path) {
    if (typeof found !== "object" || found === null || !(part in found)) return false;
    found = Reflect.get(found, part);
  }
  return true;
}

function isCommand(text: string): boolean {
  const words = text.split(" ").filter((word) => /^[a-z][a-z0-9-]*$/.test(word));
  if (words[0] === "dxf") return words[1] !== undefined && Object.hasOwn(dxfCommands, words[1]);
  return commandNames.has(words.join(" "));
}

describe("every name of ours exists", () => {
  for (const heading of Object.keys(theirs))
    test(heading, () => {
      const here = rows.filter((row) => row.section === heading);
      const ours = here.flatMap(({ library, command }) => [...library, ...command]);
      assert.deepEqual(
        ours.filter((name) => !exists(name)),
        [],
      );
    });

  test("also what the last column mentions", () => {
    const names = rows
      .flatMap(({ note }) => note)
      .filter((name) =>
        /^(?:wharf |(?:hub|scout|registry|repository|store|dxf)\.|[A-Z]+_[A-Z_]+$)/.test(name),
      );
    assert(names.length > 20);
    assert.deepEqual(
      names.filter((name) => !exists(name)),
      [],
    );
  });

  test("a name that does not exist is noticed", () => {
    for (const name of ["hub.tags.explode", "wharf tags explode", "NO_SUCH_CODE", "explode"])
      assert(!exists(name), name);
  });
});

test("what has to be confirmed, and what is retired, is said of those and of no other", () => {
  const operations = new Map(
    [...hubEntrance.entries(hubEntrance.catalogue)].map((entry) => [`hub.${entry.id}`, entry]),
  );
  const wrong: string[] = [];
  for (const { library, remark, theirs: name } of rows) {
    const declared = operations.get(library[0] ?? "")?.operation;
    if (declared === undefined) continue;
    const destroys =
      declared.effect === "destroy" ||
      declared.destroysWith !== undefined ||
      declared.destroysGiven !== undefined;
    if (remark.includes("wants to be confirmed") !== destroys) wrong.push(`${name}: confirmation`);
    if (remark.includes("retired") !== (declared.status === "retired"))
      wrong.push(`${name}: ${declared.status}`);
  }
  assert.deepEqual(wrong, []);
});
