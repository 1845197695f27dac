import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "./command.ts";
import { parseWords, globalFlags } from "./flags.ts";
import { commandHelp, groupHelp, overview, wrap } from "./help.ts";
import { entries, type Entry } from "./index.ts";

const definitions = await Promise.all(
  entries.map(async (entry): Promise<[Entry, Command]> => {
    const { default: command } = (await entry.load()) as { default: Command };
    return [entry, command];
  }),
);

test("the overview", () => {
  assert.equal(`\n${overview()}\n`, shownOverview);
});

test("the help of wharf tags", () => {
  assert.equal(`\n${helpOf("tags")}\n`, shownTags);
});

test("the help of wharf delete", () => {
  assert.equal(`\n${helpOf("delete")}\n`, shownDelete);
});

test("the help of wharf manifest lists its commands", () => {
  assert.equal(`\n${groupHelp("manifest")}\n`, shownGroup);
});

test("nothing is wider than 80 columns", () => {
  const texts = [overview(), groupHelp("blob"), ...definitions.map((pair) => commandHelp(...pair))];
  for (const line of texts.flatMap((text) => text.split("\n")))
    assert.ok(line.length <= 80, `${line.length}: ${line}`);
});

for (const [entry, command] of definitions) {
  test(`wharf ${entry.name}: the usage names its arguments`, () => {
    const usage = command.arguments.map(({ name, optional, repeated }) => {
      const word = repeated ? `${name}…` : name;
      return optional ? `[${word}]` : word;
    });
    assert.equal(entry.usage, usage.join(" "));
  });

  test(`wharf ${entry.name}: every example can be parsed`, () => {
    assert.ok(command.examples.length > 0);
    for (const { command: line } of command.examples) {
      const found = new RegExp(`wharf ${entry.name}([^|>)]*)`).exec(line);
      assert.ok(found, line);
      const words = found[1]!.trim().split(/\s+/).filter(Boolean);
      const { positionals } = parseWords(words, {
        ...globalFlags,
        ...command.flags,
      });
      const needed = command.arguments.filter(({ optional }) => !optional).length;
      assert.ok(positionals.length >= needed, line);
    }
  });
}

/**
 * Artifacts have a configuration too, and oras's flag for it is what people know. A registry's seed is one image, a
 * sandbox's is a file.
 */
const ownMeaning = new Set(["push --config", "attach --config", "sandbox --seed"]);

test("a flag does not mean something else in another command", () => {
  const kinds = new Map<string, string>();
  for (const [{ name }, { flags }] of definitions)
    for (const [flag, { value = "", short = "" }] of Object.entries(flags)) {
      if (ownMeaning.has(`${name} --${flag}`)) continue;
      assert.ok(!Object.hasOwn(globalFlags, flag), `wharf ${name} --${flag}`);
      const kind = `${/FILE|DIR/.test(value) ? "PATH" : value} ${short}`;
      assert.equal(kinds.get(flag) ?? kind, kind, `wharf ${name} --${flag}`);
      kinds.set(flag, kind);
    }
});

test("text is broken at spaces, and a long word stands alone", () => {
  assert.deepEqual(wrap("aa bb cc dddddddddd e", 5), ["aa bb", "cc", "dddddddddd", "e"]);
  assert.deepEqual(wrap("a\n\nb", 5), ["a", "", "b"]);
});

function helpOf(name: string): string {
  const [entry, command] = definitions.find(([found]) => found.name === name)!;
  return commandHelp(entry, command);
}

const shownOverview = `
wharf: inspects, copies, serves and cleans up container images, without a daemon

Usage: wharf COMMAND [ARGUMENT…] [--flag…]

Images
  copy SRC DST                  Copies an image and what is attached to it
  sync FILE                     Mirrors repositories as a file says
  sync import FILE              Translates a file of regsync or skopeo sync
  sync schema                   Prints the JSON Schema of sync files
  inspect REF                   Shows an image without downloading layers
  digest REF                    Prints the digest that a tag stands for
  tag REF NEW…                  Gives an image more tags
  delete REF…                   Deletes tags, sparing siblings, or manifests
  prune REPO                    Deletes tags that rules call old
  referrers REF                 Lists signatures, SBOMs and the like

Inside an image
  cat REF PATH                  Prints a file of an image
  files REF [PATH]              Lists the files of an image
  export REF                    Writes the files of an image as one tar
  diff A B                      Compares two images

Artifacts
  push REF [FILE…]              Pushes files and folders as an artifact
  pull REF                      Writes the files of an artifact to a folder
  attach REF [FILE…]            Attaches files to an image, such as an SBOM
  discover REF                  Shows what is attached, and its files
  detach REF [DIGEST…]          Deletes what is attached

Registries
  tags REPO                     Lists the tags of a repository
  repos HOST                    Lists the repositories of a registry
  ping [HOST]                   Says whether a registry answers, and to whom
  rate-limit [HOST]             Shows how many pulls are left
  login [HOST]                  Signs in, for docker and podman too
  logout [HOST]                 Forgets the credentials of a registry
  whoami [HOST]                 Shows which credentials would be used
  registry serve                Serves a registry from a folder
  registry gc                   Frees what a registry's folder no longer needs

Parts of an image
  manifest get REF              Prints a manifest as it was pushed
  manifest head REF             Prints a manifest's type, digest and size
  manifest put REF [FILE]       Pushes a manifest, byte for byte
  manifest delete REPO@DIGEST…  Deletes manifests and all their tags
  blob get REPO@DIGEST          Downloads a blob, resuming an earlier run
  blob head REPO@DIGEST         Prints a blob's size
  blob put REPO FILE            Uploads a file as a blob and prints its digest
  blob mount REPO@DIGEST TO     Makes a blob readable in another repository
  blob delete REPO@DIGEST…      Deletes blobs
  blob alias REPO NAME DIGEST…  Gives blobs a name
  blob list REPO:ALIAS          Lists the blobs that a name stands for
  dxf COMMAND [REPO] [ARG…]     Keeps any data in a registry, as python-dxf does

Docker Hub
  search TERM…                  Searches Docker Hub
  hub login                     Opens a session, with a second factor
  hub logout                    Forgets the session
  hub whoami                    Shows who is signed in, and how
  hub tags REPO                 Lists tags with sizes, platforms and dates
  hub delete-tags REPO          Deletes tags that rules call old
  hub describe REPO             Sets a repository's line and page
  hub audit ORG                 Shows what happened in an organization
  hub export ORG                Exports members, teams, tokens and settings
  sandbox                       Runs a Docker Hub of your own, for tests

Docker Scout
  scout quickview IMAGE         Counts vulnerabilities, platform by platform
  scout cves IMAGE              Lists vulnerabilities, the worst first
  scout query FILE              Sends a GraphQL document

This command
  openapi API                   Prints OpenAPI of an API
  completion SHELL              Prints a script for bash, zsh or fish

A REF is [HOST/]REPOSITORY[:TAG][@DIGEST]; SRC and DST may also be
oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE (- for a pipe) or
docker-daemon:NAME. A HOST may be a URL with scheme, path, user and password.

wharf COMMAND --help shows arguments, flags and examples of a command.
wharf hub --help lists every operation of Docker Hub: wharf hub AREA VERB.
wharf scout --help lists those of Docker Scout: wharf scout VERB.
wharf COMMAND --json prints JSON for programs, with fields that stay.
`;

const shownTags = `
Lists the tags of a repository.

Usage: wharf tags REPO [--flag…]

A date is that of the push where the registry tells it, else what the image's
configuration says (created), else an annotation. Dates that are missing, in the
future or placeholders (the year 1, 1970, 1980) are unknown. They cost a HEAD
for each tag, and two or three requests more for each image that was never
looked at; Docker Hub counts these as pulls.

Arguments
  REPO  Repository, or oci:DIR, oci-archive:FILE

Flags
  --newest N                    Only the N newest, newest first: by date, or
                                with --sort semver by version
  --sort ORDER                  registry: as they come (default); name; semver,
                                date: newest first, with what is no version or
                                has no known date at the end (one of registry,
                                name, semver, date)
  --dates                       Show when each was pushed or made, and where
                                that is said
  --match RE                    Only tags that this regular expression finds
  --exclude RE                  No tags that this regular expression finds
  --semver RANGE                Only versions in a range: '>=1.25 <2', '^1.25',
                                '^1.25-alpine'
  -r, --reverse                 Last first; with semver and date, oldest first
  --limit N                     At most so many
  --platform OS/ARCH[/VARIANT]  Date an index by this image, not by its newest
  --digest-tags                 Also tags such as sha256-….sig, which hold
                                signatures
  --jobs N                      Requests at once, for dates (default: 6)

Flags of every command
  --json                        Print JSON for programs: one value, or one a
                                line for streams
  -q, --quiet                   No progress and no notes
  --debug                       Print every request on stderr, secrets hidden
  --plain-http HOST             Speak http to HOST (loopback: always)
                                (repeatable)
  --insecure HOST               Do not check the certificate of HOST
                                (repeatable)
  --ca [HOST=]FILE              Trust this authority (PEM) besides the usual
                                ones, for HOST or for all (repeatable)
  --cert HOST=FILE              Show this certificate (PEM) to HOST (repeatable)
  --key HOST=FILE               Key of that certificate, where its file does not
                                hold both (repeatable)
  --credentials HOST=USER:PASSWORD|HOST=@FILE
                                Use these for HOST; @FILE keeps them out of the
                                process list (repeatable)
  --config FILE                 Configuration file
  -h, --help                    Show help

Examples
  # What was made last, with dates
  wharf tags localhost:5000/app --newest 5
  # The highest versions of alpine 3
  wharf tags alpine --match '^3\\.' --sort semver --limit 5
  # One JSON object a line
  wharf tags localhost:5000/app --json
`;

const shownDelete = `
Deletes tags, sparing siblings, or manifests.

Usage: wharf delete REF… [--flag…]

The tag latest is never implied. Where the registry cannot delete a tag alone, a
throw-away manifest takes its place and is deleted with it, so that other tags
on the same image live on; tags of Docker Hub are deleted by its API. Off a
terminal --yes is needed.

Arguments
  REF  With a tag (its siblings stay) or a digest (the manifest and all its tags
       go)

Flags
  -y, --yes  Do not ask before deleting

Flags of every command
  --json                        Print JSON for programs: one value, or one a
                                line for streams
  -q, --quiet                   No progress and no notes
  --debug                       Print every request on stderr, secrets hidden
  --plain-http HOST             Speak http to HOST (loopback: always)
                                (repeatable)
  --insecure HOST               Do not check the certificate of HOST
                                (repeatable)
  --ca [HOST=]FILE              Trust this authority (PEM) besides the usual
                                ones, for HOST or for all (repeatable)
  --cert HOST=FILE              Show this certificate (PEM) to HOST (repeatable)
  --key HOST=FILE               Key of that certificate, where its file does not
                                hold both (repeatable)
  --credentials HOST=USER:PASSWORD|HOST=@FILE
                                Use these for HOST; @FILE keeps them out of the
                                process list (repeatable)
  --config FILE                 Configuration file
  -h, --help                    Show help

Examples
  # One tag; others on the same image stay
  wharf delete localhost:5000/app:old
  # The manifest, and every tag on it
  wharf delete localhost:5000/app@sha256:… --yes
`;

const shownGroup = `
Usage: wharf manifest COMMAND [ARGUMENT…] [--flag…]

  manifest get REF              Prints a manifest as it was pushed
  manifest head REF             Prints a manifest's type, digest and size
  manifest put REF [FILE]       Pushes a manifest, byte for byte
  manifest delete REPO@DIGEST…  Deletes manifests and all their tags

wharf manifest COMMAND --help shows arguments, flags and examples of a command.
`;
