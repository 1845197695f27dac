/** What python-dxf and `wharf dxf` are both told, to see whether they say the same. */
import { sortedJson } from "../../src/blobstore/sortedJson.ts";
import { mediaTypes } from "../../src/reference/descriptor.ts";
import { sha } from "./cargo.ts";
import type { RunOptions } from "./programs.ts";

const [abc, def, loose] = ["abc", "def", "loose"].map(sha) as [string, string, string];
const unknown = `sha256:${"0".repeat(64)}`;
const image = (label: string, at: number) => sha(`${label} ${at};`.repeat(at + 1));

/** A manifest as dxf would make it, for standard input. */
const made = (...texts: string[]) => {
  const blobs = texts.map((text) => ({ digest: sha(text), size: text.length }));
  return sortedJson({
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, ...blobs[0]! },
    layers: blobs.map((blob) => ({ mediaType: "application/octet-stream", ...blob })),
  });
};

export interface Row extends RunOptions {
  /** `REPO` stands for the repository. */
  readonly words: string;
  /** Where python-dxf crashes and we do not: our status. */
  readonly mended?: number;
  /** The one registry that it is asked of: where they differ about nonsense, the one whose answer we foresee. */
  readonly only?: string;
}

/** In order: what one row stores the next may read. */
export const rows: readonly Row[] = [
  // Reading
  { words: "get-alias REPO one" },
  { words: "get-alias REPO one both twin" },
  { words: "get-alias REPO", stdin: made("abc", "def") },
  { words: "get-alias REPO one missing" },
  { words: "get-alias REPO @one", only: "docker-registry" },
  { words: `get-alias REPO ${sha(made("abc"))}` },
  { words: "get-alias REPO", stdin: "" },
  { words: "get-alias REPO", stdin: "[]" },
  { words: "get-alias REPO", stdin: "{}" },
  { words: "get-alias REPO", stdin: '{"mediaType": "x"}' },
  { words: "get-digest REPO one both single" },
  { words: "get-digest REPO", stdin: made("def", "abc") },
  { words: "get-digest REPO missing" },
  { words: "get-manifest REPO one both" },
  { words: "get-manifest REPO one missing" },
  { words: "get-manifest REPO" },
  { words: "blob-size REPO @one @both" },
  { words: `blob-size REPO ${abc} @both ${loose}` },
  { words: `blob-size REPO ${abc} ${unknown}` },
  { words: "blob-size REPO @missing" },
  { words: "blob-size REPO", stdin: made("abc", "def") },
  { words: "blob-size REPO junk", only: "docker-registry" },
  { words: "blob-size REPO sha256:short" },
  { words: `pull-blob REPO @both ${loose}` },
  { words: `pull-blob REPO ${abc} @both @one`, environment: { DXF_BLOB_INFO: "1" } },
  { words: `pull-blob REPO ${abc} @both`, environment: { DXF_BLOB_INFO: "0" } },
  { words: "pull-blob REPO", stdin: made("def", "abc") },
  { words: `pull-blob REPO ${abc} ${unknown} ${def}` },
  { words: `pull-blob REPO ${abc} @missing` },
  { words: "pull-blob REPO junk", only: "docker-registry" },
  { words: `pull-blob REPO ${abc}`, environment: { DXF_CHUNK_SIZE: "2" }, mended: 0 },
  { words: `pull-blob REPO ${abc}`, environment: { DXF_CHUNK_SIZE: "two" } },
  { words: "list-aliases REPO" },
  { words: "list-aliases REPO/nothing/here" },
  { words: "list-repos" },
  // Several platforms
  ...[
    ...["multi", "list", "strange", "empty", "nested", "nameless", "single"].map(
      (tag) => `get-alias REPO ${tag}`,
    ),
    "get-digest REPO multi",
    "get-digest REPO nested",
    "get-manifest REPO multi",
    "get-manifest REPO empty",
    "blob-size REPO @multi",
    "blob-size REPO @empty",
    "pull-blob REPO @multi",
    "pull-blob REPO @nested",
    "pull-blob REPO @single",
  ].map((words) => ({ words, only: "docker-registry" })),
  ...["linux/amd64", "linux/arm/v7", "unknown/unknown", "linux/arm", "foobar", ""].flatMap(
    (platform) =>
      ["get-alias REPO multi one", "pull-blob REPO @multi"].map((words) => ({
        words,
        environment: { DXF_PLATFORM: platform },
        only: "docker-registry",
      })),
  ),
  ...[
    "get-digest REPO multi",
    "get-manifest REPO multi",
    "get-alias REPO nested",
    "blob-size REPO @multi",
  ].map((words) => ({ words, environment: { DXF_PLATFORM: "linux/amd64" } })),
  { words: "get-alias REPO bare", mended: 0 },
  // Arguments
  ...[
    "push-blob REPO",
    "push-blob REPO FILE one",
    "push-blob REPO FILE @x more",
    "push-blob REPO FILE a b",
    "mount-blob REPO from",
    "mount-blob REPO from b c",
    "mount-blob REPO from b @c d",
    "set-alias REPO x",
    "list-aliases REPO x",
    "list-aliases",
    "list-repos x",
    "fetch-blob REPO x",
    "pull-blob REPO -x",
    `blob-size REPO -- ${abc}`,
  ].map((words) => ({ words, only: "docker-registry" })),
  { words: "auth REPO pull" },
  // Writing
  { words: "push-blob REPO FILE" },
  { words: "push-blob REPO FILE @pushed" },
  { words: "push-blob REPO FILE @pushed" },
  { words: "push-blob REPO EMPTY @nothing" },
  { words: "pull-blob REPO @nothing", environment: { DXF_BLOB_INFO: "1" } },
  { words: "push-blob REPO no-such-file" },
  { words: "push-blob REPO ." },
  { words: "push-blob REPO FILE @bad/tag", only: "docker-registry" },
  { words: "push-blob REPO FILE @", only: "docker-registry" },
  { words: "push-blob UPPER/CASE FILE", only: "docker-registry" },
  { words: `set-alias REPO set ${abc} ./FILE` },
  { words: `set-alias REPO again ${abc} ${def}` },
  { words: "get-manifest REPO set again pushed" },
  { words: `set-alias REPO x ${unknown}` },
  { words: "set-alias REPO x junk", only: "docker-registry" },
  { words: "set-alias REPO x ./no-such-file" },
  { words: `set-alias REPO @x ${abc}`, only: "docker-registry" },
  { words: `mount-blob REPO/other REPO ${abc} @mounted` },
  { words: "pull-blob REPO/other @mounted" },
  { words: `mount-blob REPO/other REPO ${unknown}` },
  { words: `mount-blob REPO/other no/such/repository ${abc}` },
  // Deleting
  { words: "del-alias REPO twin" },
  { words: "get-alias REPO one" },
  { words: "del-alias REPO missing" },
  { words: "del-alias REPO" },
  { words: "del-alias REPO list nested" },
  { words: "del-alias REPO pushed missing" },
  { words: "list-aliases REPO" },
  { words: `del-blob REPO ${unknown}` },
  { words: "del-blob REPO @missing" },
  { words: `del-blob REPO ${loose}` },
  { words: `del-blob REPO ${loose}` },
  { words: "del-blob REPO", stdin: made("abc") },
  { words: "del-blob REPO", stdin: made("abc") },
  { words: `blob-size REPO ${abc}` },
  { words: "del-blob REPO @single @missing" },
  { words: "get-alias REPO single" },
  { words: "del-blob REPO @multi", environment: { DXF_PLATFORM: "linux/amd64" } },
  { words: `blob-size REPO ${image("arm", 0)}` },
  { words: "list-aliases REPO" },
  // Elsewhere
  { words: "list-repos", environment: { DXF_HOST: "127.0.0.1:1" } },
  { words: "list-repos", environment: { DXF_HOST: "" } },
  { words: "list-repos", environment: { DXF_INSECURE: "0" } },
];

/** The blobs that rows may store or delete. */
export const everyBlob = [
  abc,
  def,
  loose,
  sha("payload"),
  sha(""),
  ...["amd", "arm", "single", "first", "second"].flatMap((label) =>
    [0, 1].map((at) => image(label, at)),
  ),
];
