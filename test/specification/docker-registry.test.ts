/** All scenarios against Debian's docker-registry, so that the scenarios themselves are tested. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { type DockerRegistry, dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { access, htpasswd } from "./access.ts";
import { chapters } from "./chapters.ts";
import { Registry } from "./registry.ts";
import { runScenarios } from "./scenario.ts";

/** What version 2.8.2 does not do. */
const known = {
  ...because("it answers with a page of its router", [
    "basics: a name outside of the grammar is refused with its code",
    "basics: what means nothing is not allowed, with its code",
  ]),
  ...because("it promises the length of the blob and sends a sentence", [
    "ranges and conditions: a range beyond the end is refused, with the size",
    "ranges and conditions: a range that is none is not heeded",
  ]),
  ...because("it heeds the range", ["ranges and conditions: HEAD does not heed a range"]),
  ...because("it begins an upload", [
    "uploads: POST alone takes the whole blob",
    "uploads: POST alone with bytes of another digest is refused",
    "mounts: a blob is found where no source is named",
    "sha512: a blob in one request",
  ]),
  ...because("it says BLOB_UPLOAD_INVALID of an address without its signed state", [
    "uploads: an upload that never was is unknown",
  ]),
  ...because("it forgets an upload whose piece was cut", [
    "uploads: an upload goes on after its connection broke",
  ]),
  ...because("it does not read Content-Range", [
    "pieces: a piece that begins too late is refused, and the upload goes on",
    "pieces: a piece that came already is refused",
    "pieces: a first piece that is not the first is refused",
    "pieces: a last piece out of order is refused",
    "pieces: a refusal of a piece says where to go on",
    "pieces: a place that cannot be read is refused",
    "pieces: a piece must be as long as it says",
  ]),
  ...because("it knows blobs and manifests by sha256", [
    "sha512: a blob that says its algorithm first",
    "sha512: a blob is mounted",
    "sha512: an algorithm that nobody knows is refused",
    "sha512: a manifest is pushed and pulled by it",
    "sha512: an image and an index of it",
    "sha512: a subject has its referrers",
    "sha512: a blob and a manifest are deleted by it",
  ]),
  ...because("it wants to see the type among those accepted", [
    "manifests: what is stored is sent, whatever is accepted",
  ]),
  ...because("it fails (500)", [
    "manifests: a digest that is none is refused",
    "manifests: what is no JSON is refused",
    "kinds of content: layers that must not be distributed need not be there",
    "kinds of content: foreign layers of Docker need not be there",
  ]),
  ...because("it says 400", ["manifests: more than 4 MiB are refused for their size"]),
  ...because("it does not read the parameter tag", [
    "manifests: one push sets several tags",
    "manifests: of several tags one outside of the grammar lets none be set",
  ]),
  ...because("it wants all images of an index", [
    "kinds of content: an index some of whose images are not there",
  ]),
  ...because("it lists tags as its storage does, and all of them", [
    "tags: they come sorted",
    "tags: n gives the first, and the rest page by page",
    "tags: n=0 gives none, and no further page",
    "tags: last gives what comes after it",
    "tags: n and last together",
    "tags: n that is no number is refused",
    "catalogue: n that is no number is refused",
  ]),
  ...because("it lists no tags as null", ["tags: the list of a repository without tags is a list"]),
  ...because("it takes a tag for a digest that is none", [
    "tags: a tag that is deleted is in no list",
    "deletions: a tag goes alone",
    "deletions: the last tag leaves its manifest",
    "deletions: a tag that never was cannot be deleted",
  ]),
  ...because("it has no referrers", [
    "referrers: a push with a subject says so",
    "referrers: what refers is listed with its type and annotations",
    "referrers: without a type of its own it has its configuration's",
    "referrers: an index refers too",
    "referrers: one type is asked for",
    "referrers: nothing refers: an empty index",
    "referrers: the repository is not there: an empty index",
    "referrers: the subject may come later, or not at all",
    "referrers: what was deleted refers no more",
    "referrers: what refers outlives its subject",
    "referrers: a repository has its own",
    "referrers: many come page by page, each once, no page above 4 MiB",
    "referrers: they survive a restart of the server",
  ]),
};

function portOf({ host }: DockerRegistry): number {
  return Number(host.split(":")[1]);
}

function because(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}

if (dockerRegistry.skip !== false) {
  test("docker-registry", { skip: dockerRegistry.skip });
} else {
  const root = await mkdtemp(join(tmpdir(), "docker-registry-root-"));
  let running = await startDockerRegistry({ root });
  const registry = new Registry({
    get port() {
      return portOf(running);
    },
    async restart() {
      await running.close();
      running = await startDockerRegistry({ root });
    },
  });
  const passwords = join(root, "htpasswd");
  await writeFile(passwords, htpasswd);
  const guarded = await startDockerRegistry({ htpasswd: passwords });
  const guardedRegistry = new Registry({
    port: portOf(guarded),
    restart: () => Promise.reject(new Error("not restarted")),
  });
  after(async () => {
    registry.close();
    guardedRegistry.close();
    await Promise.all([running.close(), guarded.close()]);
    await rm(root, { recursive: true, force: true });
  });
  runScenarios(chapters, registry, known);
  runScenarios([access], guardedRegistry);
}
