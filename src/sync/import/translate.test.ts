import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";

import { satisfies } from "../../image/tags/range.ts";
import type { WrittenFile } from "../schema.ts";
import { fromGo } from "./expression.ts";
import { fillIn } from "./template.ts";
import { translate } from "./translate.ts";
import { fromRegsync, fromSkopeo } from "./versions.ts";

/** The translation of a file, and its notes as one text. */
function translated(text: string, options: Parameters<typeof translate>[1] = {}) {
  const { text: written, notes } = translate(text, { name: "x.yml", ...options });
  return { file: parse(written) as WrittenFile, notes: notes.join("\n"), written };
}

test("steps of regsync become entries, with what the defaults say", () => {
  const { file, notes } = translated(`
version: 1
creds:
  - registry: registry:5000
    tls: disabled
    user: "{{env \\"USER\\"}}"
    pass: "{{file \\"/run/secret\\"}}"
    reqConcurrent: 2
defaults:
  ratelimit: { min: 100, retry: 15m }
  parallel: 2
  interval: 60m
  backup: "bkup-{{.Ref.Tag}}"
  cacheCount: 500
  cacheTime: "5m"
x-sync-hub: &sync-hub
  target: registry:5000/hub/{{ .Sync.Source }}
x-sync-gcr: &sync-gcr
  target: registry:5000/gcr/{{ index (split .Sync.Source "gcr.io/") 1 }}
sync:
  - source: busybox
    target: registry:5000/library/busybox
    type: image
    schedule: "15 3 * * *"
  - <<: *sync-hub
    source: alpine
    type: repository
    referrers: true
    digestTags: true
    tags: { allow: [3, 3.9, latest], deny: ['.*\\-rc'] }
  - <<: *sync-gcr
    source: gcr.io/example/repo
    type: repository
    platforms: [linux/amd64, linux/arm64]
    tagSets:
      - semverRange: [">=1.2 <2", "~3.1"]
      - allow: [edge]
  - source: ocidir://dir:v1
    target: registry:5000/from/{{ env "TEAM" }}/dir:v2
    type: image
    fastCheck: true
    referrers: true
    hooks: {}
  - source: registry.example.com
    target: registry:5000/all
    type: registry
    repos: { allow: [a/.*], deny: [a/b] }`);
  const backup = "bkup-{tag}";
  assert.deepEqual(file.sync, [
    {
      source: "busybox:latest",
      target: "registry:5000/library/busybox:latest",
      referrers: false,
      backup,
    },
    {
      source: "alpine",
      target: "registry:5000/hub/alpine",
      tags: { match: ["^3$", "^3.9$", "^latest$"], exclude: "^.*-rc$" },
      referrers: "always",
      backup,
    },
    {
      source: "gcr.io/example/repo",
      target: "registry:5000/gcr/example/repo",
      tags: [{ semver: ">=1.2.0-* <2.0.0 || >=3.1.0-* <3.2.0" }, { match: "^edge$" }],
      platforms: ["linux/amd64", "linux/arm64"],
      referrers: false,
      backup,
    },
    {
      source: "oci:dir:v1",
      target: "registry:5000/from/${TEAM}/dir:v2",
      referrers: true,
      backup,
    },
    {
      source: "registry.example.com",
      target: "registry:5000/all",
      type: "registry",
      repositories: { match: "^a/.*$", exclude: "^a/b$" },
      referrers: "always",
      backup,
    },
  ]);
  for (const said of [
    "--plain-http=registry:5000",
    "wharf login registry:5000",
    "reqConcurrent is `concurrency`",
    "--jobs 2",
    "--every 60min",
    "--keep-pulls 100 --wait",
    "hooks is left out",
    "another digest",
  ])
    assert(notes.includes(said), `${said} is not in\n${notes}`);
  assert(!/cacheCount|secret/.test(notes), notes);
});

test("a file of skopeo sync takes what its command line says", () => {
  const text = `
registry.example.com:
  images:
    busybox: []
    team/redis: ["1.0", 2.0, "sha256:${"0".repeat(64)}"]
  images-by-tag-regex:
    nginx: ^1\\.13\\.[12]-alpine-perl$
  images-by-semver:
    alpine: ">= 3.12.0, != 3.13.1"
  credentials: { username: john, password: this is a secret }
  tls-verify: false
  cert-dir: /home/john/certs
docker.io:
  images: { debian: [latest] }`;
  const { file, notes, written } = translated(text, { target: "localhost:5000/m/" });
  assert.deepEqual(file, {
    defaults: { platforms: ["local"], referrers: false },
    sync: [
      {
        source: "registry.example.com/busybox",
        target: "localhost:5000/m/busybox",
        referrers: "always",
      },
      {
        source: "registry.example.com/team/redis",
        target: "localhost:5000/m/redis",
        tags: ["1.0", "2.0", `sha256:${"0".repeat(64)}`],
      },
      {
        source: "registry.example.com/nginx",
        target: "localhost:5000/m/nginx",
        tags: { match: "^1\\.13\\.[12]-alpine-perl$" },
      },
      {
        source: "registry.example.com/alpine",
        target: "localhost:5000/m/alpine",
        tags: { semver: ">=3.12.0", exclude: ["^v?3\\.13\\.1$"] },
      },
      { source: "docker.io/library/debian", target: "localhost:5000/m/debian", tags: "latest" },
    ],
  });
  assert.match(notes, /--insecure=registry\.example\.com/);
  assert.match(notes, /wharf login registry\.example\.com/);
  assert.doesNotMatch(written, /secret/);

  const scoped = translated(text, { target: "r.example", scoped: true, all: true });
  assert.equal(scoped.file.defaults?.platforms, undefined);
  assert.equal(scoped.file.sync[4]!.target, "r.example/docker.io/library/debian");
  assert.throws(() => translated(text), { code: "USAGE" });
});

test("what cannot be translated is named with its line", () => {
  const step = (more: string) =>
    `sync:\n  - source: a\n    target: r.example/b\n    type: repository\n    ${more}`;
  const cases: [text: string, message: RegExp][] = [
    [step("tags: { allow: ['(?i)a'] }"), /^x\.yml:2: .*'\(\?i' *'?|^x\.yml:2: .*\(\?i/],
    [step("tags: { semverRange: [newest] }"), /^x\.yml:2: The range 'newest' cannot be translated/],
    [step("tags: latest"), /^x\.yml:5: sync\[0\]\.tags must be a map of fields/],
    ["sync:\n  - source: '{{ now }}'\n    target: b\n    type: image", /^x\.yml:2: The template/],
    ["sync:\n  - source: a\n    target: b\n    type: repo", /^x\.yml:4: type must be image/],
    ["version: 3\nsync: []", /^x\.yml:1: version 3/],
    ["sync: []", /has no steps/],
  ];
  for (const [text, message] of cases)
    assert.throws(() => translated(text), { code: "CONFIG_INVALID", message }, text);
  const skopeo = "a.example:\n  images-by-tag-regex:\n    b: '('";
  assert.throws(() => translated(skopeo, { target: "r.example" }), { message: /^x\.yml:3: / });
});

test("expressions of Go are those of JavaScript, but for their spelling", () => {
  const cases: [go: string, javascript: string][] = [
    ["^v\\d+\\.\\d+$", "^v\\d+\\.\\d+$"],
    ["a\\-b\\_c\\@d", "a-b_c@d"],
    ["[a\\-z]", "[a\\-z]"],
    ["\\A1\\z", "^1$"],
    ["(?P<major>\\d+)", "(?<major>\\d+)"],
    ["[[:digit:][:alpha:]]+", "[0-9A-Za-z]+"],
    ["[]a]", "[\\]a]"],
    ["a/b", "a/b"],
    ["(?:a|b)", "(?:a|b)"],
  ];
  for (const [go, javascript] of cases) assert.equal(fromGo(go), javascript, go);
  for (const go of ["(?i)a", "\\Qa\\E", "[[:nonsense:]]"])
    assert.throws(() => fromGo(go), { code: "UNSUPPORTED" }, go);
});

test("templates are filled in as far as regsync's documentation goes", () => {
  const fields = { "Sync.Source": "gcr.io/Example/repo" };
  const cases: [template: string, text: string][] = [
    ["{{ .Sync.Source }}", "gcr.io/Example/repo"],
    ["r/{{.Sync.Source | lower}}", "r/gcr.io/example/repo"],
    ['{{ index (split .Sync.Source "/") 2 }}', "repo"],
    ['{{ join (split .Sync.Source "/") "-" }}', "gcr.io-Example-repo"],
    ["{{ env `HOST` }}/a", "${HOST}/a"],
    ['{{- "a" -}}', "a"],
  ];
  for (const [template, text] of cases) assert.equal(fillIn(template, fields), text, template);
  for (const template of ["{{ .Other }}", "{{ file `x` }}", "{{ index 1 2 }}", "{{ }}", "{{ ( }}"])
    assert.throws(() => fillIn(template, fields), { code: "UNSUPPORTED" }, template);
});

test("ranges of regsync and skopeo find what they found there", () => {
  const inside = (range: string, ...tags: string[]) => tags.filter((tag) => satisfies(tag, range));
  const all = ["1.2", "1.2.9", "1.3", "2.0", "0.2.3", "0.3.0", "1.2.3-alpine", "v1.2.5", "latest"];
  const regsync = (range: string) => inside(fromRegsync(range), ...all);
  assert.deepEqual(regsync(">=1.2 <2"), ["1.2", "1.2.9", "1.3", "1.2.3-alpine", "v1.2.5"]);
  assert.deepEqual(regsync("<=1.2"), ["1.2", "0.2.3", "0.3.0"]);
  assert.deepEqual(regsync("~1.2"), ["1.2", "1.2.9", "1.2.3-alpine", "v1.2.5"]);
  assert.deepEqual(regsync("^0.2"), ["0.2.3"]);
  assert.deepEqual(regsync("1.3"), ["1.3"]);
  const skopeo = (range: string) => inside(fromSkopeo(range).semver, ...all);
  assert.deepEqual(skopeo(">= 1.2, < 2"), ["1.2", "1.2.9", "1.3", "v1.2.5"]);
  assert.deepEqual(skopeo("^1.2 || ~0.2"), ["1.2", "1.2.9", "1.3", "0.2.3", "v1.2.5"]);
  assert.deepEqual(skopeo("1.x"), ["1.2", "1.2.9", "1.3", "v1.2.5"]);
  assert.deepEqual(fromSkopeo("!=1.2.3"), { semver: "*", exclude: ["^v?1\\.2\\.3$"] });
  assert.throws(() => fromSkopeo("!=1.2"), { code: "UNSUPPORTED" });
});
