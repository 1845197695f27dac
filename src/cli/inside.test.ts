/** What people see of the inside of images. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { ImageDiff, PlatformDiff } from "../image/diff/index.ts";
import type { PlatformDetails } from "../image/everyPlatform.ts";
import type { FileInfo } from "../image/filesystem/list.ts";
import { diffLines } from "./diff-screen.ts";
import { fileLines, modeText } from "./file-lines.ts";
import { platformTable } from "./platform-table.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const amd64 = { os: "linux", architecture: "amd64" };
const screen = { columns: 80, heading: (title: string) => title };

const side = (reference: string, letter: string) => ({
  reference,
  digest: digest(letter),
  mediaType: "application/vnd.oci.image.manifest.v1+json",
});

const changed: PlatformDiff = {
  change: "changed",
  platform: amd64,
  from: { digest: digest("a"), size: 1000, layers: 2 },
  to: { digest: digest("b"), size: 3000, layers: 3 },
  manifest: [],
  config: [
    { field: "Cmd", change: "changed", from: ["sh"], to: ["bash", "-l"] },
    { field: "Env.PATH", change: "changed", from: "/bin:".repeat(9), to: "/usr/bin:".repeat(9) },
    { field: "Labels.x", change: "removed", from: "\u001b[31mred" },
  ],
  layers: [
    { change: "shared", digest: digest("1"), size: 400 },
    { change: "shared", digest: digest("2"), size: 500 },
    {
      change: "added",
      digest: digest("3"),
      size: 1500,
      createdBy: "RUN /bin/sh -c make # buildkit",
    },
    { change: "repacked", digest: digest("5"), size: 6, from: { digest: digest("4"), size: 7 } },
  ],
};

const file = { type: "file", size: 5, mode: 0o644, uid: 0, gid: 0, digest: digest("f") } as const;

function diff(images: readonly PlatformDiff[], rest: Partial<ImageDiff> = {}): string {
  const found = {
    same: false,
    from: side("a:1", "a"),
    to: side("longer:2", "b"),
    index: [],
    images,
  };
  return diffLines({ ...found, ...rest }, screen).join("\n");
}

test("two images: what is shared in one line, a field that is too long in two", () => {
  const files: PlatformDiff["files"] = [
    { path: "a", change: "added", to: file, changed: [] },
    {
      path: "b",
      change: "changed",
      from: file,
      to: { ...file, size: 2048, mode: 0o4755, uid: 1 },
      changed: ["content", "mode", "owner"],
    },
    {
      path: "l",
      change: "removed",
      from: { type: "symlink", size: 0, mode: 0o777, uid: 0, gid: 0, linkName: "b" },
      changed: [],
    },
  ];
  assert.equal(
    diff([{ ...changed, files }]),
    `A  a:1       ${digest("a")}
B  longer:2  ${digest("b")}

Image
  1000 B → 2.9 KiB (+2.0 KiB), 2 → 3 layers

Configuration
  ~ Cmd  ["sh"] → ["bash","-l"]
  - Env.PATH  /bin:/bin:/bin:/bin:/bin:/bin:/bin:/bin:/bin:
  + Env.PATH  /usr/bin:/usr/bin:/usr/bin:/usr/bin:/usr/bin:/usr/bin:/usr/bin:/u…
  - Labels.x  \ufffd[31mred

Layers
  = 2 layers, 900 B
  + 333333333333  1.5 KiB  RUN make
  ~ 444444444444 → 555555555555  7 B → 6 B, the same content

Files
  + /a  -rw-r--r--  5 B
  ~ /b  content, 5 B → 2.0 KiB, -rw-r--r-- → -rwsr-xr-x, 0:0 → 1:0
  - /l  lrwxrwxrwx  -> b
  1 added, 1 removed, 1 changed`,
  );
});

test("two indexes: a line for each platform, then what was changed", () => {
  const rest = { manifest: [], config: [], layers: [] };
  const text = diff(
    [
      { ...changed, config: [], layers: [], files: [] },
      { change: "same", platform: { os: "linux", architecture: "arm", variant: "v7" }, ...rest },
      {
        change: "added",
        platform: { os: "linux", architecture: "s390x" },
        to: changed.to!,
        ...rest,
      },
      {
        change: "changed",
        platform: amd64,
        attestation: true,
        from: { digest: digest("c") },
        to: { digest: digest("d") },
        ...rest,
      },
    ],
    { index: [{ field: "annotations.x", change: "added", to: "" }] },
  );
  assert.equal(
    text.split("\n").slice(2).join("\n"),
    `
Index
  + annotations.x  ""

Platforms
  ~ linux/amd64  1000 B → 2.9 KiB (+2.0 KiB), 2 → 3 layers
  = linux/arm/v7  the same
  + linux/s390x  2.9 KiB, 3 layers
  ~ attestation of linux/amd64

Files of linux/amd64
  the same`,
  );
});

test("the same image twice", () => {
  assert.match(diff([], { same: true }), /\n\nThe same$/);
});

test("modes as ls writes them", () => {
  const of = (mode: number, type: FileInfo["type"] = "file") => modeText({ mode, type });
  assert.deepEqual(
    [of(0o644), of(0o4755), of(0o2644), of(0o1777, "directory"), of(0o1776), of(0, "fifo")],
    ["-rw-r--r--", "-rwsr-xr-x", "-rw-r-Sr--", "drwxrwxrwt", "-rwxrwxrwT", "p---------"],
  );
});

test("files of a folder, aligned", () => {
  const info = { size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 1_767_225_600 };
  const layer = { mediaType: "", digest: digest("a"), size: 1 };
  const files: FileInfo[] = [
    { ...info, path: "dev/null", type: "character", major: 1, minor: 3, layer },
    { ...info, path: "dev/of", type: "hardlink", linkName: "dev/x", layer },
    { ...info, path: "dev/sub", type: "directory" },
    { ...info, path: "dev/x", type: "file", size: 3_000_000, uid: 1000, layer, mtime: 0 },
  ];
  assert.deepEqual(fileLines(files, "/dev"), [
    "crwxr-xr-x  0:0        1, 3  2026-01-01 00:00  null",
    "-rwxr-xr-x  0:0              2026-01-01 00:00  of = dev/x",
    "drwxr-xr-x  0:0                                sub/",
    "-rwxr-xr-x  1000:0  2.9 MiB                    x",
  ]);
});

test("all platforms, attestations below what they are about, no wider than a screen", () => {
  const one = (rest: Partial<PlatformDetails>): PlatformDetails => ({
    kind: "image",
    digest: digest("a"),
    mediaType: "",
    ...rest,
  });
  const windows = { os: "windows", architecture: "amd64", "os.version": "10.0.17763.5329" };
  const lines = platformTable([
    one({ platform: amd64, size: 3_500_000, layers: 1, created: "2026-01-01T10:00:00Z" }),
    one({
      platform: windows,
      digest: digest("b"),
      size: 2_000_000_000,
      layers: 12,
      created: "1970-01-01T00:00:00Z",
    }),
    one({
      kind: "attestation",
      platform: amd64,
      attests: digest("a"),
      digest: digest("c"),
      size: 20_000,
      layers: 2,
    }),
    one({ kind: "artifact", artifactType: "text/plain", digest: digest("d") }),
    one({ kind: "attestation", attests: digest("9"), digest: digest("e"), created: "never" }),
  ]);
  assert.deepEqual(lines, [
    "PLATFORM                            SIZE  LAYERS  CREATED     DIGEST",
    "linux/amd64                      3.3 MiB       1  2026-01-01  aaaaaaaaaaaa",
    "└─ attestation                  19.5 KiB       2              cccccccccccc",
    "windows(10.0.17763.5329)/amd64   1.9 GiB      12              bbbbbbbbbbbb",
    "text/plain                             ?       ?              dddddddddddd",
    "attestation                            ?       ?              eeeeeeeeeeee",
  ]);
});
