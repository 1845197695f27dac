/**
 * Every command with its one line, in the order of the help. Commands are loaded when used, so that
 * `wharf --help` costs no more than this list.
 */
import { type Entry, entry, type Group } from "./entry.ts";
import { parts } from "./parts.ts";

export type { Entry, Group } from "./entry.ts";

export const groups: readonly Group[] = [
  {
    title: "Images",
    entries: [
      entry(
        "copy",
        "SRC DST",
        "Copies an image and what is attached to it",
        () => import("./commands/copy.ts"),
      ),
      entry(
        "sync",
        "FILE",
        "Mirrors repositories as a file says",
        () => import("./commands/sync.ts"),
      ),
      entry(
        "sync import",
        "FILE",
        "Translates a file of regsync or skopeo sync",
        () => import("./commands/sync-import.ts"),
      ),
      entry(
        "sync schema",
        "",
        "Prints the JSON Schema of sync files",
        () => import("./commands/sync-schema.ts"),
      ),
      entry(
        "inspect",
        "REF",
        "Shows an image without downloading layers",
        () => import("./commands/inspect.ts"),
      ),
      entry(
        "digest",
        "REF",
        "Prints the digest that a tag stands for",
        () => import("./commands/digest.ts"),
      ),
      entry("tag", "REF NEW…", "Gives an image more tags", () => import("./commands/tag.ts")),
      entry(
        "delete",
        "REF…",
        "Deletes tags, sparing siblings, or manifests",
        () => import("./commands/delete.ts"),
      ),
      entry(
        "prune",
        "REPO",
        "Deletes tags that rules call old",
        () => import("./commands/prune.ts"),
      ),
      entry(
        "referrers",
        "REF",
        "Lists signatures, SBOMs and the like",
        () => import("./commands/referrers.ts"),
      ),
    ],
  },
  {
    title: "Inside an image",
    entries: [
      entry("cat", "REF PATH", "Prints a file of an image", () => import("./commands/cat.ts")),
      entry(
        "files",
        "REF [PATH]",
        "Lists the files of an image",
        () => import("./commands/files.ts"),
      ),
      entry(
        "export",
        "REF",
        "Writes the files of an image as one tar",
        () => import("./commands/export.ts"),
      ),
      entry("diff", "A B", "Compares two images", () => import("./commands/diff.ts")),
    ],
  },
  {
    title: "Artifacts",
    entries: [
      entry(
        "push",
        "REF [FILE…]",
        "Pushes files and folders as an artifact",
        () => import("./commands/push.ts"),
      ),
      entry(
        "pull",
        "REF",
        "Writes the files of an artifact to a folder",
        () => import("./commands/pull.ts"),
      ),
      entry(
        "attach",
        "REF [FILE…]",
        "Attaches files to an image, such as an SBOM",
        () => import("./commands/attach.ts"),
      ),
      entry(
        "discover",
        "REF",
        "Shows what is attached, and its files",
        () => import("./commands/discover.ts"),
      ),
      entry(
        "detach",
        "REF [DIGEST…]",
        "Deletes what is attached",
        () => import("./commands/detach.ts"),
      ),
    ],
  },
  {
    title: "Registries",
    entries: [
      entry("tags", "REPO", "Lists the tags of a repository", () => import("./commands/tags.ts")),
      entry(
        "repos",
        "HOST",
        "Lists the repositories of a registry",
        () => import("./commands/repos.ts"),
      ),
      entry(
        "ping",
        "[HOST]",
        "Says whether a registry answers, and to whom",
        () => import("./commands/ping.ts"),
      ),
      entry(
        "rate-limit",
        "[HOST]",
        "Shows how many pulls are left",
        () => import("./commands/rate-limit.ts"),
      ),
      entry(
        "login",
        "[HOST]",
        "Signs in, for docker and podman too",
        () => import("./commands/login.ts"),
      ),
      entry(
        "logout",
        "[HOST]",
        "Forgets the credentials of a registry",
        () => import("./commands/logout.ts"),
      ),
      entry(
        "whoami",
        "[HOST]",
        "Shows which credentials would be used",
        () => import("./commands/whoami.ts"),
      ),
      entry(
        "registry serve",
        "",
        "Serves a registry from a folder",
        () => import("./commands/registry-serve.ts"),
      ),
      entry(
        "registry gc",
        "",
        "Frees what a registry's folder no longer needs",
        () => import("./commands/registry-gc.ts"),
      ),
    ],
  },
  parts,
  {
    title: "Docker Hub",
    entries: [
      entry("search", "TERM…", "Searches Docker Hub", () => import("./commands/search.ts")),
      entry(
        "hub login",
        "",
        "Opens a session, with a second factor",
        () => import("./commands/hub-login.ts"),
      ),
      entry("hub logout", "", "Forgets the session", () => import("./commands/hub-logout.ts")),
      entry(
        "hub whoami",
        "",
        "Shows who is signed in, and how",
        () => import("./commands/hub-whoami.ts"),
      ),
      entry(
        "hub tags",
        "REPO",
        "Lists tags with sizes, platforms and dates",
        () => import("./commands/hub-tags.ts"),
      ),
      entry(
        "hub delete-tags",
        "REPO",
        "Deletes tags that rules call old",
        () => import("./commands/hub-delete-tags.ts"),
      ),
      entry(
        "hub describe",
        "REPO",
        "Sets a repository's line and page",
        () => import("./commands/hub-describe.ts"),
      ),
      entry(
        "hub audit",
        "ORG",
        "Shows what happened in an organization",
        () => import("./commands/hub-audit.ts"),
      ),
      entry(
        "hub export",
        "ORG",
        "Exports members, teams, tokens and settings",
        () => import("./commands/hub-export.ts"),
      ),
      entry(
        "sandbox",
        "",
        "Runs a Docker Hub of your own, for tests",
        () => import("./commands/sandbox.ts"),
      ),
    ],
  },
  {
    title: "Docker Scout",
    entries: [
      entry(
        "scout quickview",
        "IMAGE",
        "Counts vulnerabilities, platform by platform",
        () => import("./commands/scout-quickview.ts"),
      ),
      entry(
        "scout cves",
        "IMAGE",
        "Lists vulnerabilities, the worst first",
        () => import("./commands/scout-cves.ts"),
      ),
      entry(
        "scout query",
        "FILE",
        "Sends a GraphQL document",
        () => import("./commands/scout-query.ts"),
      ),
    ],
  },
  {
    title: "This command",
    entries: [
      entry("openapi", "API", "Prints OpenAPI of an API", () => import("./commands/openapi.ts")),
      entry(
        "completion",
        "SHELL",
        "Prints a script for bash, zsh or fish",
        () => import("./commands/completion.ts"),
      ),
    ],
  },
];

export const entries: readonly Entry[] = groups.flatMap((group) => group.entries);
