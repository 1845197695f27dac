/** A line that shows how an operation is called: whole, so that it does something when names are changed. */
import type { Argument } from "../command.ts";
import type { Field, Outline } from "./outline.ts";
import { flagName } from "./words.ts";

/** @param name words of the command: `hub tags list` */
export function exampleOf(name: string, outline: Outline, known: readonly Argument[]): string {
  const words = known.map(({ name, choices }) => samples[name] ?? choices?.[0] ?? name);
  const needed = outline.fields
    .filter(({ required, type = "" }) => required && flagged.has(type))
    .map((field) => `--${flagName(field)} ${valueOf(field)}`);
  const secret = outline.secrets && outline.effect === "create" ? ["--secret-file token"] : [];
  const more = usual[outline.id] ?? [];
  const parts = [["wharf", name, ...words].join(" "), ...needed, ...more, ...secret];
  const line = parts.join(" ");
  return line.length > 76 ? parts.join(" \\\n    ") : line;
}

/** What is needed and yet follows a flag. */
const flagged: ReadonlySet<string> = new Set(["texts", "json", "secret", "bytes"]);

function valueOf({ name, type, choices }: Field): string {
  if (type === "secret") return "@secret.txt";
  if (type === "bytes") return "logo.png";
  if (type === "json") return `@${name.replaceAll("_", "-")}.json`;
  return lists[name] ?? choices?.[0] ?? "…";
}

/** Arguments by their names in help. */
const samples: Readonly<Record<string, string>> = {
  "NS/REPO": "acme/app",
  "ORG-NAME": "acme",
  ORGANIZATION: "acme",
  NAMESPACE: "acme",
  ACCOUNT: "acme",
  ORG: "acme",
  STREAM: "latest-indexed",
  DIGEST: "sha256:…",
  "CVE-ID": "CVE-2024-3094",
  USERNAME: "jonsnow",
  USER: "jonsnow",
  MEMBER: "jonsnow",
  "USER-NAME": "jon.snow@example.com",
  "GROUP-NAME": "developers",
  TEAM: "developers",
  TAG: "1.27",
  "TOKEN-LABEL": "ci",
  LABEL: "ci",
  REGEX: "'^v[0-9]'",
  "HOOK-URL": "https://example.com/hook",
};

const lists: Readonly<Record<string, string>> = {
  scopes: "repo:read",
  immutable_tags_rules: "'^v[0-9]'",
  invitees: "jonsnow",
  repos: "acme/app",
  schemas: "urn:ietf:params:scim:schemas:core:2.0:User",
};

/** By operation: what is not needed, and yet nobody leaves out. */
const usual: Readonly<Record<string, readonly string[]>> = {
  "accessTokens.update": ["--is-active false"],
  "groups.update": ["--description 'Who develops'"],
  "invites.create": ["--role member", "--team developers"],
  "orgAccessTokens.create": [
    `--resources '[{"type": "TYPE_REPO", "path": "acme/app", "scopes": ["scope-image-pull"]}]'`,
  ],
  "orgAccessTokens.update": ["--is-active false"],
  "repositories.create": ["--description 'Does things'", "--is-private true"],
  "repositories.update": ["--description 'Does more'"],
  "webhookPipelines.create": [
    "--name deploy",
    `--webhooks '[{"name": "deploy", "hook_url": "https://example.com/hook"}]'`,
  ],
};
