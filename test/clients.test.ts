/** The clients that people use, against our server. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { startServer } from "../src/server/server.ts";
import { openCollection } from "../src/store/collection/collection.ts";
import { busyboxImage, syntheticImage } from "./images.ts";
import { podman, podmanIn } from "./podman.ts";
import { tool } from "./tools.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const crane = tool("crane", "go install github.com/google/go-containerregistry/cmd/crane@latest");
const regctl = tool("regctl", "go install github.com/regclient/regclient/cmd/regctl@latest");
const oras = tool("oras", "go install oras.land/oras/cmd/oras@latest");

const folder = await mkdtemp(join(tmpdir(), "wharf-clients-"));
const collection = await openCollection(join(folder, "registry"));
const failures: unknown[] = [];
const server = await startServer({
  collection,
  port: 0,
  onFailure: (failure) => failures.push(failure),
});
const host = `localhost:${server.port}`;
after(async () => {
  await server.close();
  await collection.close();
  await rm(folder, { recursive: true, force: true });
  assert.deepEqual(failures, []);
});

const busybox = await busyboxImage();
const platforms = ["linux/amd64", "linux/arm64"];
const image = "skip" in busybox ? await syntheticImage({ platforms }) : busybox;
await image.pushTo(collection.repository("source/image"));
const { tag } = image;
const { digest } = image.root;
const source = `${host}/source/image:${tag}`;

async function lookUp(name: string, reference = tag): Promise<string | undefined> {
  const answer = await fetch(`http://${host}/v2/${name}/manifests/${reference}`, {
    method: "HEAD",
  });
  return answer.ok ? answer.headers.get("docker-content-digest")! : undefined;
}

test("skopeo pulls, pushes, lists, inspects and deletes", { skip: skopeo.skip }, async () => {
  const layout = `oci:${join(folder, "skopeo")}:${tag}`;
  const copy = ["copy", "--insecure-policy", "--all", "--src-tls-verify=false"];
  await skopeo.run([...copy, `docker://${source}`, layout]);
  const pushed = `docker://${host}/skopeo/pushed:${tag}`;
  await skopeo.run([...copy, "--dest-tls-verify=false", layout, pushed]);
  assert.equal(await lookUp("skopeo/pushed"), digest);
  const copied = `docker://${host}/skopeo/copied:${tag}`;
  await skopeo.run([...copy, "--dest-tls-verify=false", pushed, copied]);
  assert.equal(await lookUp("skopeo/copied"), digest);

  const listed = await skopeo.run([
    "list-tags",
    "--tls-verify=false",
    `docker://${host}/skopeo/pushed`,
  ]);
  assert.deepEqual(JSON.parse(listed).Tags, [tag]);
  const inspected = await skopeo.run(["inspect", "--tls-verify=false", pushed]);
  assert.equal(JSON.parse(inspected).Digest, digest);
  await skopeo.run(["delete", "--tls-verify=false", pushed]);
  assert.equal(await lookUp("skopeo/pushed"), undefined);
});

test("podman pulls, starts what it pulled, and pushes", { skip: podman.skip }, async () => {
  const { run, starts } = podmanIn(join(folder, "podman"));
  await run("pull", "--quiet", "--tls-verify=false", source);
  if (!("skip" in busybox)) await starts(source);
  const pushed = `${host}/podman/pushed:${tag}`;
  await run("push", "--quiet", "--tls-verify=false", source, pushed);
  assert.ok(await lookUp("podman/pushed"));
  await run("rmi", "--all", "--force");
  await run("pull", "--quiet", "--tls-verify=false", pushed);
});

test(
  "crane pulls, pushes, copies, lists, validates and deletes",
  { skip: crane.skip },
  async () => {
    const layout = join(folder, "crane");
    await crane.run(["pull", "--format=oci", source, layout]);
    await crane.run(["push", "--index", layout, `${host}/crane/pushed:${tag}`]);
    assert.ok(await lookUp("crane/pushed"));
    await crane.run(["copy", source, `${host}/crane/copied:${tag}`]);
    await crane.run(["tag", `${host}/crane/copied:${tag}`, "other"]);
    assert.equal((await crane.run(["digest", `${host}/crane/copied:other`])).trim(), digest);
    assert.deepEqual((await crane.run(["ls", `${host}/crane/copied`])).trim().split("\n"), [
      tag,
      "other",
    ]);
    assert.match(await crane.run(["catalog", host]), /^crane\/copied$/m);
    await crane.run(["validate", "--remote", `${host}/crane/copied:${tag}`]);
    await crane.run(["delete", `${host}/crane/copied:other`]);
    assert.equal(await lookUp("crane/copied"), digest, "its sibling stays");
  },
);

test(
  "regctl copies with all that is attached, exports, imports and deletes",
  { skip: regctl.skip },
  async () => {
    await regctl.run(["registry", "set", "--tls", "disabled", host]);
    const copied = `${host}/regctl/copied:${tag}`;
    await regctl.run(["image", "copy", "--referrers", "--digest-tags", source, copied]);
    assert.equal(await lookUp("regctl/copied"), digest);
    if (!("skip" in busybox)) {
      assert.ok(await lookUp("regctl/copied", busybox.signatureTag));
      const attached = await regctl.run([
        "artifact",
        "list",
        copied,
        "--format",
        "{{json .Descriptors}}",
      ]);
      assert.equal(JSON.parse(attached).length, 2);
    }
    const archive = join(folder, "regctl.tar");
    await regctl.run(["image", "export", copied, archive]);
    await regctl.run(["image", "import", `${host}/regctl/imported:${tag}`, archive]);
    assert.equal(await lookUp("regctl/imported"), digest);

    const blobs = `${host}/regctl/blobs`;
    const put = ["blob", "put", blobs, "--format", "{{println .Digest}}"];
    const blob = (await regctl.run(put, { stdin: "some bytes" })).trim();
    assert.equal(await regctl.run(["blob", "get", blobs, blob]), "some bytes");
    await regctl.run(["blob", "delete", blobs, blob]);
    await assert.rejects(regctl.run(["blob", "head", blobs, blob]));

    await regctl.run(["tag", "delete", copied]);
    assert.equal(await lookUp("regctl/copied"), undefined);
    assert.equal(await lookUp("regctl/copied", digest), digest, "the manifest stays");
    await regctl.run(["manifest", "delete", `${host}/regctl/copied@${digest}`]);
    assert.equal(await lookUp("regctl/copied", digest), undefined);
  },
);

test(
  "oras copies, pushes, attaches, discovers, pulls and deletes",
  { skip: oras.skip },
  async () => {
    const plain = ["--from-plain-http", "--to-plain-http"];
    await oras.run(["copy", "--recursive", ...plain, source, `${host}/oras/copied:${tag}`]);
    assert.equal(await lookUp("oras/copied"), digest);

    await writeFile(join(folder, "note.txt"), "a note");
    const cwd = folder;
    const pushed = `${host}/oras/pushed:v1`;
    await oras.run(["push", "--plain-http", pushed, "note.txt:text/plain"], { cwd });
    const type = "application/x-note";
    await oras.run(["attach", "--plain-http", "--artifact-type", type, pushed, "note.txt"], {
      cwd,
    });
    const found = JSON.parse(
      await oras.run(["discover", "--plain-http", "--format", "json", pushed]),
    );
    const referrers = (found.referrers ?? found.manifests) as { artifactType: string }[];
    assert.deepEqual(
      referrers.map((referrer) => referrer.artifactType),
      [type],
    );
    await oras.run(["pull", "--plain-http", "-o", join(folder, "pulled"), pushed]);
    assert.equal(await readFile(join(folder, "pulled", "note.txt"), "utf8"), "a note");
    assert.equal(
      (await oras.run(["repo", "tags", "--plain-http", `${host}/oras/pushed`])).trim(),
      "v1",
    );
    assert.match(await oras.run(["repo", "ls", "--plain-http", host]), /^oras\/pushed$/m);
    await oras.run(["manifest", "delete", "--plain-http", "--force", pushed]);
    assert.equal(await lookUp("oras/pushed", "v1"), undefined);
  },
);
