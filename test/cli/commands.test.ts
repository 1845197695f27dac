/** Every command, on our registry and on Debian's. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { digestOf } from "../../src/reference/digest.ts";
import { spawnWharf, wharf, wharfOk } from "../wharf.ts";
import { cargo, jsonLines, push, registries, temporaryFolder } from "./stage.ts";

const image = cargo();
const { digest } = image.root;
const [amd64, arm64] = image.platforms.map((platform) => platform.digest);
const layer = image.blobs.find(({ descriptor }) => descriptor.size === 100_000)!.descriptor;

for (const { name, skip, start } of registries)
  suite(name, { skip }, () => {
    const folder = temporaryFolder();
    let server: Awaited<ReturnType<typeof start>>;
    let app: string;
    /** Standard output, without the newline at its end. */
    const said = async (...words: string[]) =>
      (await wharfOk(words, { cwd: folder })).stdout.trimEnd();
    const digestAt = (location: string) => said("digest", location);

    before(async () => {
      server = await start();
      app = `${server.host}/team/app`;
      await push(image, server.host, "team/app");
    });
    after(() => server?.close());

    test("copy: from repository to repository, with what is attached", async () => {
      const { stdout, stderr } = await wharfOk(["copy", `${app}:1.0`, `${server.host}/copied`]);
      assert.equal(stdout, `${server.host}/copied:1.0@${digest}\n`);
      assert.match(stderr, /^\d+ blobs (copied|mounted).* 4 referrers taken along, .* s\n$/);
      const tree = await said("referrers", `${server.host}/copied:1.0`, "--tree");
      assert.equal(tree.split("\n").length, 4);
    });

    test("copy: under several tags, and again without work", async () => {
      const words = ["copy", `docker://${app}:1.0`, `${server.host}/tagged:1.0`, "--tag", "1"];
      assert.equal(
        await said(...words, "--tag=latest", "--verify"),
        ["1.0", "1", "latest"].map((tag) => `${server.host}/tagged:${tag}@${digest}`).join("\n"),
      );
      const { stderr } = await wharfOk([...words, "--jobs", "1"]);
      assert.match(stderr, /^Everything was there already, /);
    });

    test("copy: one platform, or some of them", async () => {
      const target = `${server.host}/platforms`;
      await said("copy", `${app}:1.0`, `${target}:one`, "--platform", "linux/arm64");
      assert.equal(await digestAt(`${target}:one`), arm64);
      const words = ["--platform=linux/amd64", "--platform=linux/arm64/v8", "--no-referrers"];
      await said("copy", `${app}:1.0`, `${target}:two`, ...words);
      assert.equal(await said("digest", `${target}:two`, "--platform", "linux/arm64"), arm64);
      assert.equal(await said("digest", `${target}:two`, "--platform", "linux/amd64"), amd64);
    });

    test("copy: all tags that match", async () => {
      await said("copy", `${app}:1.0`, `${server.host}/many:1.0`, "--tag=1.1", "--tag=2.0");
      const target = `${server.host}/some`;
      const { stdout } = await wharfOk([
        "copy",
        `${server.host}/many`,
        target,
        "--all-tags",
        "--match=^1",
      ]);
      assert.deepEqual(stdout.trim().split("\n").toSorted(), [
        `${target}:1.0@${digest}`,
        `${target}:1.1@${digest}`,
      ]);
      assert.equal(await said("tags", target), "1.0\n1.1");
    });

    test("copy: through layouts and archives and back", async () => {
      const stops = ["oci:layout:1.0", "oci-archive:image.tar:1.0", "ocidir://second:1.0"];
      let from = `${app}:1.0`;
      for (const to of [...stops, `${server.host}/back:1.0`]) {
        await said("copy", from, to);
        assert.equal(await digestAt(to), digest, to);
        from = to;
      }
      await said("copy", `${app}:1.0`, "docker-archive:docker.tar", "--platform=linux/amd64");
      await said("copy", "docker-archive:docker.tar", `${server.host}/docker:1`);
      const { stdout } = await wharfOk(["inspect", `${server.host}/docker:1`, "--json"]);
      assert.deepEqual((JSON.parse(stdout) as { image: Image }).image.run.entrypoint, ["/bin/app"]);
    });
    interface Image {
      readonly run: { readonly entrypoint: readonly string[] };
    }

    test("copy: into one pipe and out of another", async () => {
      for (const kind of ["oci-archive", "docker-archive"]) {
        const options = { cwd: folder, environment: {} };
        const file = join(folder, `${kind}.tar`);
        const written = await binary(["copy", `${app}:1.0`, `${kind}:-`, "--platform=linux/amd64"]);
        writeFileSync(file, written);
        const stdin = readFileSync(file);
        const target = `${server.host}/piped/${kind}:1`;
        await wharfOk(["copy", `${kind}:-`, target], { ...options, stdin });
        assert.match(await digestAt(target), /^sha256:/);
      }
      assert.equal(await digestAt(`${server.host}/piped/oci-archive:1`), amd64);
    });

    test("inspect: one screen, as wide as a terminal", async () => {
      const lines = (await said("inspect", `${app}:1.0`, "--platform=linux/amd64")).split("\n");
      assert.equal(lines[0], `Name     ${app}:1.0`);
      assert.equal(lines[1], `Digest   ${digest}`);
      assert.ok(lines.includes("  MODE=test"));
      assert.ok(lines.some((line) => /^ {2}linux\/arm64 .*KiB {2}2 layers/.test(line)));
      const attached = lines.slice(lines.indexOf("Attached") + 1);
      const kinds = attached.map((line) => /^ {2}(.*?[├└]─ .*?)(?: {2}|$)/.exec(line)?.[1]);
      assert.deepEqual(kinds, [
        "├─ sbom (spdx)",
        "│  └─ signature (cosign)",
        "├─ signature (cosign)",
        "└─ linux/amd64",
        "   ├─ signature (cosign)",
        "   └─ attestation",
        "      ├─ provenance (slsa)",
        "      └─ sbom (spdx)",
      ]);
      for (const line of lines) assert.ok(line.length <= 80, line);
    });

    test("digest, manifest head: of the index, and of a platform", async () => {
      assert.equal(await digestAt(`${app}:1.0`), digest);
      assert.equal(await digestAt(`${app}@${arm64}`), arm64);
      assert.equal(await said("digest", `${app}:1.0`, "--platform=linux/amd64"), amd64);
      assert.equal(
        await said("manifest", "head", `${app}:1.0`),
        `${image.root.mediaType} ${digest} ${image.root.size}`,
      );
    });

    test("manifest get, put and delete: the bytes are those that were pushed", async () => {
      const bytes = await said("manifest", "get", `${app}@${arm64}`);
      assert.equal(digestOf(Buffer.from(bytes)), arm64);
      const copied = `${app}-parts`;
      await said("copy", `${app}@${arm64}`, `${copied}:first`, "--no-referrers");
      const put = ["manifest", "put", `${copied}:second`];
      assert.equal((await wharfOk(put, { stdin: bytes })).stdout.trim(), arm64);
      writeFileSync(join(folder, "manifest.json"), bytes);
      assert.equal(await said(...put.with(2, `${copied}:third`), "manifest.json"), arm64);
      assert.equal(await said("tags", copied), "first\nsecond\nthird");
      assert.equal(
        await said("manifest", "delete", `${copied}@${arm64}`, "--yes"),
        `Deleted ${copied}@${arm64}`,
      );
      assert.equal((await wharf(["digest", `${copied}:first`])).status, 4);
    });

    test("blob put, head, get, mount and delete", async () => {
      const repository = `${server.host}/blobs`;
      const bytes = Buffer.alloc(300_000, "blob");
      writeFileSync(join(folder, "blob"), bytes);
      const blob = digestOf(bytes);
      assert.equal(await said("blob", "put", repository, "blob"), blob);
      const piped = ["blob", "put", repository, "-", "--algorithm=sha512"];
      if (name === "our registry")
        assert.match((await wharfOk(piped, { stdin: "x" })).stdout, /^sha512:/);
      assert.equal(await said("blob", "head", `${repository}@${blob}`), "300000");
      assert.deepEqual(await binary(["blob", "get", `${repository}@${blob}`]), bytes);
      await said("blob", "get", `${repository}@${blob}`, "-o", "got");
      assert.deepEqual(readFileSync(join(folder, "got")), bytes);
      assert.ok(!existsSync(join(folder, `${blob.replace(":", "-")}.part`)));
      const sibling = `${server.host}/sibling`;
      assert.equal(await said("blob", "mount", `${repository}@${blob}`, sibling), blob);
      assert.equal(await said("blob", "head", `${sibling}@${blob}`), "300000");
      await said("blob", "delete", `${sibling}@${blob}`, "--yes");
      assert.equal((await wharf(["blob", "head", `${sibling}@${blob}`])).status, 4);
      assert.equal(await said("blob", "head", `${repository}@${blob}`), "300000");
    });

    test("tags: filtered, sorted, reversed, cut; digest tags only where they are asked for", async () => {
      const repository = `${server.host}/sorted`;
      const tags = ["1.9", "1.10", "1.10-rc.1", "edge"];
      await said("copy", `${app}:1.0`, `${repository}:1.9`, ...tags.map((tag) => `--tag=${tag}`));
      assert.equal(await said("tags", repository), "1.10\n1.10-rc.1\n1.9\nedge");
      assert.equal(
        await said("tags", repository, "--match=^1", "--sort=semver"),
        "1.10\n1.10-rc.1\n1.9",
      );
      assert.equal(await said("tags", repository, "--sort=name", "-r", "--limit=2"), "edge\n1.9");
      assert.equal(await said("tags", repository, "--limit=1"), "1.10");
      assert.ok((await said("tags", repository, "--digest-tags")).includes(image.signatureTag));
    });

    test("repos: all, some, none", async () => {
      assert.ok((await said("repos", server.host)).split("\n").includes("team/app"));
      assert.equal(await said("repos", server.host, "--match", "^team/app$"), "team/app");
      for (const json of [[], ["--json"]])
        assert.equal(await said("repos", server.host, "--match=nothing-is-called-so", ...json), "");
    });

    test("tag, delete: siblings on the same image live on", async () => {
      const repository = `${server.host}/siblings`;
      await said("copy", `${app}:1.0`, `${repository}:1.0`, "--no-referrers");
      assert.equal(
        await said("tag", `${repository}:1.0`, "1", "old"),
        `${repository}:1@${digest}\n${repository}:old@${digest}`,
      );
      assert.equal(
        await said("delete", `${repository}:old`, `${repository}:1.0`, "--yes"),
        `Deleted ${repository}:old\nDeleted ${repository}:1.0`,
      );
      assert.equal(await said("tags", repository), "1");
      assert.equal(await digestAt(`${repository}:1`), digest);
      await said("delete", `${repository}@${digest}`, "--yes");
      assert.equal((await wharf(["digest", `${repository}:1`])).status, 4);
    });

    test("delete: latest is never implied, and nobody there means no", async () => {
      const implied = await wharf(["delete", app, "--yes"]);
      assert.equal(implied.status, 2);
      assert.match(implied.stderr, /names neither a tag nor a digest\n.*:latest/);
      const both = await wharf(["delete", `${app}:1.0@${digest}`, "--yes"]);
      assert.equal(both.status, 2);
      for (const words of [
        ["delete", `${app}:1.0`],
        ["manifest", "delete", `${app}@${digest}`],
        ["blob", "delete", `${app}@${layer.digest}`],
      ]) {
        const { status, stderr } = await wharf([...words, "--json"]);
        assert.equal(status, 2);
        assert.equal(jsonLines<Failure>(stderr)[0]?.error.code, "CONFIRMATION_REQUIRED");
      }
      assert.equal(await digestAt(`${app}:1.0`), digest);
    });
    interface Failure {
      readonly error: { readonly code: string };
    }

    test("referrers: as a list, a tree, of one type, of a platform", async () => {
      const list = await said("referrers", `${app}:1.0`);
      assert.match(list, new RegExp(`^sbom \\(spdx\\) +${image.sbom.digest} +application/spdx`));
      assert.match(
        await said("referrers", `${app}:1.0`, "--tree"),
        /\n│ {2}└─ signature \(cosign\)/,
      );
      const ofType = ["referrers", `${app}:1.0`, "--type=application/spdx+json", "--json"];
      assert.equal(jsonLines(await said(...ofType)).length, 1);
      const ofPlatform = await said("referrers", `${app}:1.0`, "--platform=linux/amd64");
      assert.ok(ofPlatform.includes(image.signature.digest));
      const none = await wharfOk(["referrers", `${app}:1.0`, "--platform=linux/arm64"]);
      assert.equal(none.stdout, "");
      assert.match(none.stderr, /^Nothing refers to sha256:/);
    });

    test("ping, rate-limit, whoami", async () => {
      assert.match(await said("ping", server.host), /: reachable; it asks nobody who they are \(/);
      assert.equal(
        await said("rate-limit", server.host),
        `${server.host} states no limit on pulls`,
      );
      assert.equal(await said("whoami", server.host), `${server.host}: anonymous`);
    });
  });

/** Standard output as it is. */
async function binary(words: readonly string[]): Promise<Buffer> {
  const child = spawnWharf(words);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end();
  const status = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(status, 0);
  return Buffer.concat(chunks);
}
