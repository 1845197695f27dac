/** What other tools' files say of hosts, which has its place elsewhere here. */
import type { Fields } from "./fields.ts";
import type { Notes } from "./written.ts";

/** Notes what regsync's `creds` say of a registry. */
export function noteHost(host: Fields, notes: Notes): void {
  const name = host.text("registry") ?? "a registry";
  const [user, pass, token] = ["user", "pass", "token"].map((field) => host.text(field));
  if (user ?? pass ?? token) notes.add(`Sign in to ${name}: wharf login ${name}.`);
  if (host.text("credHelper") !== undefined)
    notes.add(`${name}: name the credential helper in docker's config.json.`);
  const tls = host.text("tls");
  if (tls === "disabled") noteTls(name, false, notes);
  if (tls === "insecure")
    notes.add(`Run it with --insecure=${name}, or say so in the configuration.`);
  const settings = {
    regcert: "ca",
    clientCert: "cert",
    clientKey: "key",
    hostname: "url",
    pathPrefix: "url",
    reqPerSec: "requestsPerSecond",
    reqConcurrent: "concurrency",
  };
  for (const [field, setting] of Object.entries(settings))
    if (host.text(field)) notes.add(`${name}: ${field} is \`${setting}\` of the configuration.`);
  for (const field of ["credExpire", "credHost", "repoAuth", "blobChunk", "blobMax"])
    host.text(field);
  for (const field of host.others) notes.add(`${name}: ${field} is left out.`);
}

/** Notes that a registry speaks http, which loopback ones are expected to. */
export function noteTls(name: string, orInsecure: boolean, notes: Notes): void {
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(name)) return;
  const flag = orInsecure ? `--insecure=${name} (or --plain-http=${name})` : `--plain-http=${name}`;
  notes.add(`Run it with ${flag}, or say so in the configuration.`);
}
