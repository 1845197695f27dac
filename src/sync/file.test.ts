import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { isError } from "../errors.ts";
import { readText } from "./file.ts";
import { jsonSchema } from "./schema.ts";

const read = (text: string, environment = {}) =>
  readText(text, { name: "m.yaml", folder: "/srv", environment });

/** What is said of a file, with the hint behind it. */
function complaintOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert(isError(error, "CONFIG_INVALID"), String(error));
    const { hint } = error.details;
    return hint === undefined ? error.message : `${error.message} / ${hint}`;
  }
  throw new Error(`nothing is wrong with ${text}`);
}

/** A file with one entry, which begins at line 2. */
const entry = (...lines: string[]) =>
  ["sync:", "  - source: alpine", "    target: r.example/x", ...lines.map((l) => `    ${l}`)].join(
    "\n",
  );

test("an entry names a repository, or an image, which gets the source's tag", () => {
  const { entries } = read(`
sync:
  - source: alpine
    target: registry.example.com/mirror/alpine
  - { source: "quay.io/coreos/etcd:v3.5.0", target: "oci:backup" }
  - { source: "alpine@sha256:${"a".repeat(64)}", target: "r.example/a:pinned" }
  - { source: alpine, target: r.example/b, type: image }`);
  const [whole, tagged, pinned, latest] = entries;
  assert.equal(whole!.type, "repository");
  assert.deepEqual(whole!.source, {
    transport: "docker",
    registry: "docker.io",
    repository: "library/alpine",
  });
  assert.equal(whole!.where, "m.yaml:3");
  assert.deepEqual(tagged?.type === "image" && [tagged.image, tagged.tag, tagged.target], [
    { tag: "v3.5.0" },
    "v3.5.0",
    { transport: "oci", path: "/srv/backup" },
  ]);
  assert.equal(pinned?.type === "image" && pinned.tag, "pinned");
  assert.deepEqual(latest?.type === "image" && latest.image, { tag: "latest" });
});

test("what an entry does not say, the defaults say", () => {
  const { entries } = read(`
defaults: { platforms: [linux/amd64, linux/arm64], referrers: false, prune: { limit: 3 } }
sync:
  - { source: a/b, target: r.example/b }
  - { source: a/c, target: r.example/c, platforms: linux/arm/v7, referrers: always, prune: false }
  - { source: "a/d:1", target: r.example/d }`);
  const [first, second, image] = entries;
  assert.equal(first!.platforms.length, 2);
  assert.equal(first!.referrers, "none");
  assert.deepEqual(first!.prune, { tags: "gone", limit: 3 });
  assert.deepEqual(second!.platforms, [{ os: "linux", architecture: "arm", variant: "v7" }]);
  assert.equal(second!.referrers, "always");
  assert.equal(second!.prune, undefined);
  assert.equal(image!.prune, undefined);
});

test("tags are names, filters or both, and stay as they are written", () => {
  const tags = (said: string) => {
    const [first] = read(entry(`tags: ${said}`)).entries;
    return first!.type === "repository" ? first!.tags : undefined;
  };
  assert.deepEqual(tags("3.10"), [{ names: ["3.10"] }]);
  assert.deepEqual(tags("[3.10, true, 1e3]"), [{ names: ["3.10", "true", "1e3"] }]);
  assert.deepEqual(tags("{ semver: 1.20, newest: 3 }"), [{ semver: "1.20", newest: 3 }]);
  assert.deepEqual(tags("[latest, { match: '^v', exclude: [rc, beta] }]"), [
    { names: ["latest"] },
    { match: "^v", exclude: ["rc", "beta"] },
  ]);
});

test("a whole registry is one only where it is said", () => {
  const [from, to] = read(`
sync:
  - { source: registry.example.com/team, target: "localhost:5000", type: registry, repositories: { exclude: ^old/ } }
  - { source: registry.example.com, target: "oci:backup", type: registry }`).entries;
  assert.equal(from!.type, "registry");
  assert.deepEqual(from!.source, {
    transport: "docker",
    registry: "registry.example.com",
    prefix: "team",
  });
  assert.deepEqual(to!.target, { transport: "data", path: "/srv/backup" });
  assert.match(
    complaintOf("sync:\n  - { source: a, target: 'localhost:5000' }"),
    /^m\.yaml:2: sync\[0\]\.target: 'localhost:5000' looks like a registry \/ .*type: registry/,
  );
});

test("variables of the environment stand in names, and nowhere else", () => {
  const text = "sync:\n  - { source: a/b, target: '${HOST}/${TEAM}/b', tags: { match: '^${X}' } }";
  assert.match(
    complaintOf(text),
    /^m\.yaml:2: sync\[0\]\.target: the environment variable HOST is/,
  );
  assert.match(complaintOf(text.replace("${X}", "$")), /HOST is not set/);
  const { entries } = read(text.replace("^${X}", "b$"), { HOST: "r.example", TEAM: "t" });
  assert.deepEqual(entries[0]!.target, {
    transport: "docker",
    registry: "r.example",
    repository: "t/b",
  });
});

test("anchors are kept below x-… and merged", () => {
  const { entries } = read(`
x-mirror: &mirror { target: r.example/x, tags: latest }
sync:
  - <<: *mirror
    source: a/b`);
  assert.equal(entries[0]!.type === "repository" && entries[0]!.tags?.length, 1);
});

test("a slip is told with line, field and what was meant", () => {
  const cases: [text: string, complaint: string | RegExp][] = [
    ["", "m.yaml:1: the file must be a map of fields, not empty"],
    ["- a", "m.yaml:1: the file must be a map of fields, not a list"],
    ["sync: []", "m.yaml:1: sync must not be empty"],
    ["sync:\n  - source: a\n", "m.yaml:2: sync[0].target is missing"],
    [
      "sync:\n  - source: a\n    taget: b",
      "m.yaml:3: 'sync[0].taget' is not known / Did you mean 'target'?",
    ],
    ["snyc: []", "m.yaml:1: 'snyc' is not known / Did you mean 'sync'?"],
    [
      entry("tags:", "  macth: x"),
      "m.yaml:5: 'sync[0].tags.macth' is not known / Did you mean 'match'?",
    ],
    [entry("prune: { limti: 3 }"), /limti' is not known \/ Did you mean 'limit'/],
    [
      entry("tags: [a, { newest: 0 }]"),
      "m.yaml:4: sync[0].tags[1].newest must be at least 1, not 0",
    ],
    [entry("tags: { newest: '3' }"), "m.yaml:4: sync[0].tags.newest must be a number, not '3'"],
    [
      entry("tags: { sort: semvr }"),
      /sort must be semver, date or name, not 'semvr' \/ .*'semver'/,
    ],
    [
      entry("tags: { match: '(' }"),
      /^m\.yaml:4: sync\[0\]\.tags\.match: Invalid regular expression/,
    ],
    [entry("tags: { semver: newest }"), /^m\.yaml:4: sync\[0\]\.tags\.semver: The range 'newest'/],
    [entry("tags: -x"), /^m\.yaml:4: sync\[0\]\.tags: Tag "-x" must be/],
    [entry("tags:"), "m.yaml:4: sync[0].tags must be text, a map of fields or a list, not empty"],
    [
      entry("referrers: maybe"),
      "m.yaml:4: sync[0].referrers must be true or false or always, not 'maybe'",
    ],
    [entry("platforms: [plan9/]"), /^m\.yaml:4: sync\[0\]\.platforms: .*plan9/],
    [`defaults:\n  platforms: x/y/z/a\n${entry()}`, /^m\.yaml:2: defaults\.platforms: /],
    [entry("backup: old"), /^m\.yaml:4: sync\[0\]\.backup must hold \{tag\}/],
    [entry("backup: 'old {tag}'"), /^m\.yaml:4: sync\[0\]\.backup: Tag "old 1\.0"/],
    [entry("overwrite: false", "type: layout"), /^m\.yaml:5: sync\[0\]\.type is layout, but/],
    [entry("repositories: { match: a }"), /repositories goes with `type: registry`$/],
    ["sync:\n  - { source: 'a:1', target: r.example/x, tags: b }", /tags goes with a repository/],
    [
      "sync:\n  - { source: a, target: 'r.example/x:1' }",
      /target names one image, '1', and the source a/,
    ],
    ["sync:\n  - { source: 'docker-archive:x', target: r.example/x }", /oci:DIR.*nothing else/],
    ["a: [", /^m\.yaml:1:\d+: /],
    ["a: 1\na: 2", /^m\.yaml:2:1: Map keys must be unique/],
    ["sync: 1\n---\nsync: 2", "m.yaml:2:1: a second document begins here; one is meant"],
    ["version: 2\nsync: []", /^m\.yaml:1: version must be 1, not 2/],
  ];
  for (const [text, complaint] of cases) {
    const said = complaintOf(text);
    if (typeof complaint === "string") assert.equal(said, complaint);
    else assert.match(said, complaint, text);
  }
});

test("entries that would undo each other's work are refused", () => {
  const two = (a: string, b: string) => `sync:\n  - { ${a} }\n  - { ${b} }`;
  const same = two("source: 'a:1', target: 'r.example/x:1'", "source: 'b:1', target: r.example/x");
  assert.equal(complaintOf(same), "m.yaml:3: m.yaml:2 writes r.example/x:1 too");
  const other = "source: b, target: r.example/x";
  assert.match(
    complaintOf(two("source: a, target: r.example/x, prune: true", other)),
    /^m\.yaml:2: prune would delete what m\.yaml:3 copies to r\.example\/x/,
  );
  const whole = "source: s.example, target: r.example, type: registry, prune: true";
  assert.match(complaintOf(two(whole, other)), /prune would delete/);
  read(two("source: a, target: r.example/y, prune: true", other));
  read(two("source: a, target: r.example/x", other));
});

test("one folder under several names is one place", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-overlap-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "real"));
  symlinkSync("real", join(folder, "link"));
  symlinkSync("later", join(folder, "dangling"));
  const said = (first: string, second: string, more = "") => {
    const text = `sync:
  - { source: a, target: 'oci:${first}', prune: true${more} }
  - { source: b, target: 'oci:${second}'${more} }`;
    try {
      readText(text, { name: "m.yaml", folder, environment: {} });
    } catch (error) {
      return String(error);
    }
    return "fine";
  };
  const pairs = [
    ["x", "x/"],
    ["x", "a/../x"],
    ["x", `${folder}/x//`],
    ["real", "link"],
    ["real/new", "link/./new/"],
    ["later", "dangling"],
  ] as const;
  for (const [first, second] of pairs) {
    assert.match(said(first, second), /prune would delete/, `${first} ${second}`);
    const registry = ", type: registry";
    assert.match(said(first, second, registry), /prune would delete/, `${first} ${second}`);
  }
  assert.equal(said("x", "y"), "fine");
  const inside = `sync:
  - { source: a.example, target: 'oci:real', type: registry, prune: true }
  - { source: b, target: 'oci:link/repositories/b' }`;
  assert.throws(
    () => readText(inside, { name: "m.yaml", folder, environment: {} }),
    /prune would delete/,
  );
  const images = `sync:
  - { source: 'a:1', target: 'oci:x:1' }
  - { source: 'b:1', target: 'oci:./x/:1' }`;
  assert.throws(() => readText(images, { name: "m.yaml", folder }), /m\.yaml:2 writes oci:/);
});

test("nothing is pruned where it is copied from", () => {
  const itself = "prune would delete from its own source";
  const written = (source: string, target: string, more = "") =>
    complaintOf(`sync:\n  - { source: '${source}', target: '${target}', prune: true${more} }`);
  assert.match(written("r.example/x", "r.example/x"), new RegExp(itself));
  assert.match(written("oci:/x", "oci:/y/../x/"), new RegExp(itself));
  assert.match(written("r.example", "r.example", ", type: registry"), new RegExp(itself));
  read("sync:\n  - { source: r.example, target: r.example/copy, prune: true, type: registry }");
});

test("files of other tools are known, and their translation is pointed to", () => {
  assert.match(
    complaintOf("creds: []\nsync: []"),
    /file of regsync \/ .*wharf sync import m\.yaml$/,
  );
  assert.match(
    complaintOf("docker.io: { images: { alpine: [] } }"),
    /file of skopeo sync \/ .*--target/,
  );
});

test("a secret in an address is refused without being shown", () => {
  for (const target of ["https://me:pa55word@r.example/x", "me:pa55word@r.example/x"]) {
    const said = complaintOf(`sync:\n  - { source: a, target: '${target}' }`);
    assert.doesNotMatch(said, /pa55word/);
    const registry = `sync:\n  - { source: a.example, target: '${target}', type: registry }`;
    assert.doesNotMatch(complaintOf(registry), /pa55word/);
  }
});

test("the schema for editors knows every field", () => {
  const text = JSON.stringify(jsonSchema());
  for (const field of ["source", "platforms", "prune", "semver", "newest", "^x-"])
    assert(text.includes(`"${field}"`), field);
});
