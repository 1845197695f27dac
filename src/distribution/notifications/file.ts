/** The file of endpoints: the `notifications` block of distribution's configuration, and what it has not. */
import { parse } from "yaml";

import {
  type Check,
  checked,
  Complaint,
  configError,
  duration,
  flag,
  text,
  whole,
} from "../../config/fields.ts";
import { nearest } from "../../config/nearest.ts";
import { complainOfRepositories } from "../access/rules/pattern.ts";
import { readSmallFile } from "../access/smallFile.ts";
import { type Endpoint, type EventAction, eventActions, type EventFilter } from "./endpoint.ts";

const endpointFields = [
  "name",
  "disabled",
  "url",
  "headers",
  "timeout",
  "threshold",
  "backoff",
  "queue",
  "ignoredmediatypes",
  "ignore",
  "only",
];

/** Endpoints that one file may have. */
const endpointLimit = 100;

/**
 * Reads the endpoints of a file. A whole configuration file of distribution will do: what is not below `notifications` is
 * not looked at.
 *
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, CONFIG_INVALID
 */
export async function readEndpoints(file: string): Promise<Endpoint[]> {
  const { text: written } = await readSmallFile(file);
  let document: unknown;
  try {
    document = parse(written, { logLevel: "error" });
  } catch (error) {
    throw configError(file, (error as Error).message.split("\n")[0]!.replace(/:$/, ""));
  }
  return parseEndpoints(document, file);
}

/** @throws WharfError CONFIG_INVALID */
export function parseEndpoints(document: unknown, file: string): Endpoint[] {
  const whole = document as { notifications?: unknown } | null;
  const nested = typeof whole === "object" && whole !== null && "notifications" in whole;
  const where = nested ? `${file}: notifications` : file;
  const { endpoints, events } = readMap(nested ? whole.notifications : document, where, [
    "endpoints",
    "events",
  ]);
  if (events !== undefined) {
    const { includereferences } = readMap(events, `${where}.events`, ["includereferences"]);
    if (includereferences === true)
      throw configError(`${where}.events.includereferences`, "cannot be done; leave it out");
  }
  if (!Array.isArray(endpoints) || endpoints.length === 0 || endpoints.length > endpointLimit)
    throw configError(`${where}: endpoints`, `must be a list of 1 to ${endpointLimit} endpoints`);
  const list = endpoints.map((item, index) => readEndpoint(item, `${where}: endpoints[${index}]`));
  return named(list.filter((item) => item !== undefined));
}

/**
 * The endpoint of an address alone; user and password in it go into a header field. Whoever says that it is none must not
 * show it: it may be a secret.
 *
 * @returns undefined where it is no http address
 */
export function endpointOf(address: string): Omit<Endpoint, "name"> | undefined {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  if (username === "" && password === "") return { url };
  const pair = `${decode(username)}:${decode(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Gives each endpoint without a name that of its host, with a number where there are several. */
export function named(
  endpoints: readonly (Omit<Endpoint, "name"> & { readonly name?: string })[],
): Endpoint[] {
  const taken = new Set(endpoints.map(({ name }) => name));
  return endpoints.map((endpoint) => {
    if (endpoint.name !== undefined) return endpoint as Endpoint;
    let name = endpoint.url.host;
    for (let number = 2; taken.has(name); number += 1) name = `${endpoint.url.host} ${number}`;
    taken.add(name);
    return { ...endpoint, name };
  });
}

function readEndpoint(item: unknown, where: string) {
  const fields = readMap(item, where, endpointFields);
  const read = <Value>(name: string, check: Check<Value>): Value | undefined =>
    fields[name] === undefined ? undefined : checked(fields[name], check, `${where}.${name}`);
  if (read("disabled", flag)) return undefined;
  const address = endpointOf(String(fields["url"] ?? ""));
  if (!address)
    throw configError(`${where}.url`, "must be an address such as https://ci.example.com/hook");
  const ignored = read("ignoredmediatypes", texts);
  const { mediaTypes = [], ...ignore } = readFilter(fields["ignore"], `${where}.ignore`);
  const types = [...mediaTypes, ...(ignored ?? [])];
  return present({
    name: read("name", text),
    url: address.url,
    headers: { ...address.headers, ...readHeaders(fields["headers"], `${where}.headers`) },
    timeout: read("timeout", duration),
    threshold: read("threshold", whole(1, 1000)),
    backoff: read("backoff", duration),
    queue: read("queue", whole(1, 10_000_000)),
    ignore: types.length > 0 ? { ...ignore, mediaTypes: types } : ignore,
    only: readFilter(fields["only"], `${where}.only`),
  }) as Omit<Endpoint, "name"> & { readonly name?: string };
}

function readFilter(value: unknown, where: string): EventFilter {
  if (value === undefined) return {};
  const fields = readMap(value, where, ["actions", "mediatypes", "repositories"]);
  const read = <Value>(name: string, check: Check<Value>): Value | undefined =>
    fields[name] === undefined ? undefined : checked(fields[name], check, `${where}.${name}`);
  return present({
    actions: read("actions", actions),
    mediaTypes: read("mediatypes", texts),
    repositories: read("repositories", repositories),
  });
}

/** Values may be secrets: no message shows one. */
function readHeaders(value: unknown, where: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (value === undefined || value === null) return headers;
  if (typeof value !== "object" || Array.isArray(value))
    throw configError(where, "must be a map of names and values");
  for (const [name, given] of Object.entries(value)) {
    const values = [given].flat() as unknown[];
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      throw configError(where, `${JSON.stringify(name)} is no name of a header field`);
    if (!values.every((one) => typeof one === "string" && !/[^\t\P{Cc}]/u.test(one)))
      throw configError(`${where}.${name}`, "must be text, or a list of texts, of one line");
    headers[name.toLowerCase()] = values.join(", ");
  }
  return headers;
}

function readMap(
  value: unknown,
  where: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw configError(where, `must be a map of ${known.join(", ")}`);
  for (const name of Object.keys(value))
    if (!known.includes(name)) {
      const near = nearest(name, known);
      const advice = near === undefined ? "" : `. Did you mean ${near}?`;
      throw configError(where, `${JSON.stringify(name)} is not known${advice}`);
    }
  return value as Record<string, unknown>;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");

const texts: Check<readonly string[]> = (value) =>
  isTexts(value) ? value : new Complaint("a list of texts");

const actions: Check<readonly EventAction[]> = (value) =>
  isTexts(value) && value.every((item) => (eventActions as readonly string[]).includes(item))
    ? (value as EventAction[])
    : new Complaint(`a list of ${eventActions.join(", ")}`);

const repositories: Check<readonly string[]> = (value) => {
  if (!isTexts(value)) return new Complaint("a list of patterns such as team-a/**");
  for (const item of value) {
    const wrong = complainOfRepositories(item);
    if (wrong !== undefined || item.includes("{"))
      return new Complaint(`a list of patterns such as team-a/** (${item} ${wrong ?? "is none"})`);
  }
  return value;
};

/** Without the fields that are undefined. */
function present<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}
