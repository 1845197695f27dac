/** One registry's entry in docker's or podman's file, and in the helper that the file names. */
import { dirname } from "node:path";
import {
  type AuthFile,
  type AuthFilePath,
  keyOf,
  parseAuthFile,
  readAuthText,
} from "./authFile.ts";
import type { Credentials } from "./credentials.ts";
import {
  eraseFromHelper,
  getFromHelper,
  type HelperOptions,
  helperServer,
  storeInHelper,
} from "./helper.ts";
import { removeMember, setMember } from "./jsonEdit.ts";
import { type LockOptions, withLock } from "./lock.ts";
import { followLinks, makePrivateFolder, replacePrivateFile } from "./replaceFile.ts";

type Storable = Extract<Credentials, { kind: "basic" | "identity" }>;

/**
 * Stores credentials, in place of what was there under any spelling of the registry.
 * @returns the file's path, or the helper's program
 * @throws WharfError CONFIG_INVALID, CREDENTIAL_HELPER_FAILED, FILE_FAILED, LOCKED
 */
export async function storeEntry(
  { path, owner }: AuthFilePath,
  registry: string,
  credentials: Storable,
  options: HelperOptions & LockOptions = {},
): Promise<string> {
  const helper = helperOf(parseAuthFile((await readAuthText(path)) ?? "", path), registry);
  if (helper !== undefined) {
    await storeInHelper(helper, helperServer(registry), credentials, options);
  }
  await change(path, options, (text) => {
    const known = spellings(text, registry);
    const key = owner === "docker" ? helperServer(registry) : registry;
    const kept = known.get(key) ?? {};
    // Docker, too, leaves an empty entry where a helper holds the rest.
    const fields = helper === undefined ? fieldsOf(credentials) : {};
    const cleared = [...known.keys()]
      .filter((spelling) => spelling !== key)
      .reduce((json, spelling) => removeMember(json, ["auths", spelling]), text);
    return setMember(cleared, ["auths", key], { ...withoutSecrets(kept), ...fields });
  });
  return helper === undefined ? path : `docker-credential-${helper}`;
}

/**
 * Removes a registry's credentials from a file and its helper.
 * @returns where something was removed
 * @throws WharfError CONFIG_INVALID, CREDENTIAL_HELPER_FAILED, FILE_FAILED, LOCKED
 */
export async function eraseEntry(
  { path }: AuthFilePath,
  registry: string,
  options: HelperOptions & LockOptions = {},
): Promise<string[]> {
  const text = await readAuthText(path);
  if (text === undefined) return [];
  const places: string[] = [];
  const helper = helperOf(parseAuthFile(text, path), registry);
  const server = helperServer(registry);
  if (helper !== undefined && (await getFromHelper(helper, server, options)) !== undefined) {
    await eraseFromHelper(helper, server, options);
    places.push(`docker-credential-${helper}`);
  }
  const known = spellings(text, registry);
  if (known.size === 0) return places;
  await change(path, options, (json) =>
    [...spellings(json, registry).keys()].reduce(
      (rest, spelling) => removeMember(rest, ["auths", spelling]),
      json,
    ),
  );
  const held = [...known.values()].some((entry) => Object.keys(entry).length > 0);
  return held ? [...places, path] : places;
}

function helperOf(file: AuthFile, registry: string): string | undefined {
  return file.helpers.get(registry) ?? file.store;
}

/** Reads, changes and writes a file while no other of us does. */
async function change(
  path: string,
  options: LockOptions,
  edit: (text: string) => string,
): Promise<void> {
  const target = await followLinks(path);
  await makePrivateFolder(dirname(target));
  await withLock(
    target,
    async () => {
      const text = (await readAuthText(target)) ?? "";
      parseAuthFile(text, path);
      await replacePrivateFile(target, edit(text));
    },
    options,
  );
}

/** The keys of `auths` that mean a registry, as they are spelled, with their entries. */
function spellings(text: string, registry: string): Map<string, Record<string, unknown>> {
  const file = (text.trim() === "" ? {} : JSON.parse(text)) as { auths?: Record<string, unknown> };
  const found = Object.entries(file.auths ?? {}).filter(([key]) => keyOf(key) === registry);
  return new Map(
    found.map(([key, entry]) => [
      key,
      typeof entry === "object" && entry !== null ? { ...entry } : {},
    ]),
  );
}

function fieldsOf(credentials: Storable): Record<string, string> {
  const login = (username: string, password: string): string =>
    Buffer.from(`${username}:${password}`, "utf8").toString("base64");
  if (credentials.kind === "basic")
    return { auth: login(credentials.username, credentials.password) };
  const { username, token } = credentials;
  return { ...(username !== undefined && { auth: login(username, "") }), identitytoken: token };
}

function withoutSecrets(entry: Record<string, unknown>): Record<string, unknown> {
  const secrets = ["auth", "username", "password", "identitytoken", "registrytoken"];
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !secrets.includes(name)));
}
