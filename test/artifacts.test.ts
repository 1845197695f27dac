/**
 * Files on their way as artifacts: to our server, which lists referrers, to Debian's registry, which does not, and to an OCI
 * layout; pushed by wharf and pulled by oras, and the other way round.
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { dockerRegistry, startDockerRegistry, type DockerRegistry } from "./docker-registry.ts";
import { skipWithout, tool } from "./tools.ts";
import { serveRegistry, wharf, wharfOk } from "./wharf.ts";

const oras = tool("oras", "go install oras.land/oras/cmd/oras@latest");
const folder = mkdtempSync(join(tmpdir(), "wharf-artifacts-"));
const work = join(folder, "work");
const here = { cwd: work };
let ours: Awaited<ReturnType<typeof serveRegistry>>;
let debian: DockerRegistry | undefined;

before(async () => {
  mkdirSync(join(work, "dir", "sub", "hollow"), { recursive: true });
  const files = {
    "hi.txt": "hello\n",
    "config.json": '{"kind":"test"}',
    "dir/a.txt": "a",
    "dir/sub/run.sh": "#!/bin/sh\n",
    "dir/sub/large": "large ".repeat(50_000),
    "notes.json": JSON.stringify({
      $manifest: { from: "a <file> & more" },
      $config: { of: "the configuration" },
      "hi.txt": { language: "en" },
    }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
  chmodSync(join(work, "dir/sub/run.sh"), 0o755);
  symlinkSync("sub/run.sh", join(work, "dir/link"));
  [ours, debian] = await Promise.all([
    serveRegistry("unused", ["--memory", "--seed"]),
    dockerRegistry.skip ? undefined : startDockerRegistry(),
  ]);
});
after(async () => {
  await Promise.all([ours?.close(), debian?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What a folder holds, with the rights that matter. */
function treeOf(path: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).toSorted()) {
    const full = join(path, name);
    const found = lstatSync(full);
    if (found.isSymbolicLink()) tree[name] = `-> ${readlinkSync(full)}`;
    else if (found.isDirectory()) tree[name] = "folder";
    else
      tree[name] =
        `${(found.mode & 0o111) > 0 ? "x" : ""} ${readFileSync(full, "utf8").slice(0, 50)}`;
  }
  return tree;
}

let outputs = 0;
const newFolder = () => join(folder, `out-${++outputs}`);

interface Place {
  /** A name as wharf wants it, and the words that oras wants for the same. */
  readonly name: (tag: string) => string;
  readonly oras: (tag: string) => string[];
  /** Whether the subject is described there by its digest, size and type alone. */
  readonly bare: boolean;
}

const inRegistry = (host: () => string): Place => ({
  name: (tag) => `${host()}/artifacts:${tag}`,
  oras: (tag) => ["--plain-http", `${host()}/artifacts:${tag}`],
  bare: true,
});
const layout = join(folder, "layout");
const places: Readonly<Record<string, Place>> = {
  "our server": inRegistry(() => ours.host),
  "Debian's registry": inRegistry(() => debian!.host),
  "a layout": {
    name: (tag) => `oci:${layout}:${tag}`,
    oras: (tag) => ["--oci-layout", `${layout}:${tag}`],
    bare: false,
  },
};

const created = "org.opencontainers.image.created=2020-01-01T00:00:00Z";
const noted = ["--annotation-file", "notes.json"];

/** The same for both: what follows the name in `push`, and in oras's words. */
const sameOptions: Readonly<Record<string, { words: string[]; oras?: string[] }>> = {
  "a file": { words: ["hi.txt", "-a", created] },
  "files with types": {
    words: ["hi.txt:text/plain", "dir/sub/run.sh:application/x-sh", "-a", created, "-a", "k=<v>"],
  },
  "a type": {
    words: ["hi.txt", "-a", created, "--type", "application/vnd.test"],
    oras: ["hi.txt", "-a", created, "--artifact-type", "application/vnd.test"],
  },
  "a configuration": { words: ["hi.txt", "-a", created, "--config", "config.json"] },
  "a configuration and a type": {
    words: ["--config", "config.json:a/b", "-a", created, "--type", "a/c"],
    oras: ["--config", "config.json:a/b", "-a", created, "--artifact-type", "a/c"],
  },
  "a platform": {
    words: ["hi.txt", "-a", created, "--platform", "linux/arm/v7"],
    oras: ["hi.txt", "-a", created, "--artifact-platform", "linux/arm/v7"],
  },
  "nothing but annotations": { words: ["-a", created, "-a", "k=v"] },
};

for (const [where, place] of Object.entries(places)) {
  const needed = where === "Debian's registry" ? [oras, dockerRegistry] : [oras];

  suite(`with ${where}`, { skip: skipWithout(...needed) }, () => {
    const push = (tag: string, ...words: string[]) =>
      wharfOk(["push", place.name(tag), ...words, "--json"], here).then(
        ({ stdout }) => JSON.parse(stdout) as Pushed,
      );
    interface Pushed {
      readonly digest: string;
    }
    const orasDigest = async (command: string, tag: string, words: string[]) => {
      const said = await oras.run(
        [command, ...place.oras(tag), ...words, "--format", "json"],
        here,
      );
      return (JSON.parse(said) as Pushed).digest;
    };

    test("oras pulls what wharf pushes", async () => {
      await push("ours", "hi.txt", "dir", "./dir/../config.json");
      const out = newFolder();
      await oras.run(["pull", ...place.oras("ours"), "-o", out]);
      const expected = treeOf(work);
      delete expected["notes.json"];
      assert.deepEqual(treeOf(out), expected);
    });

    test("wharf pulls what oras pushes", async () => {
      await oras.run(["push", ...place.oras("theirs"), "hi.txt", "dir", "config.json"], here);
      const out = newFolder();
      const { stdout } = await wharfOk(["pull", place.name("theirs"), "-o", out]);
      assert.deepEqual(
        stdout.trim().split("\n"),
        ["hi.txt", "dir/", "config.json"].map((name) => join(out, name)),
      );
      const expected = treeOf(work);
      delete expected["notes.json"];
      assert.deepEqual(treeOf(out), expected);
    });

    for (const [what, { words, oras: theirs = words }] of Object.entries(sameOptions))
      test(`${what}: the same digest from both`, async () => {
        const { digest } = await push("same", ...words);
        assert.equal(await orasDigest("push", "same", theirs), digest);
      });

    test("what is attached by one is seen by the other, and detached with its list", async () => {
      const { digest } = await push("image", "hi.txt");
      const type = "application/vnd.test.report";
      const one = ["attach", place.name("image"), "config.json", "--type", type, "-a", created];
      const { stdout } = await wharfOk([...one, "--json"], here);
      const attached = JSON.parse(stdout) as Pushed;
      const words = ["config.json", "-a", created, "--artifact-type", type];
      const again = await orasDigest("attach", "image", words);
      if (place.bare) assert.equal(again, attached.digest);
      const other = ["dir/a.txt", "--artifact-type", "application/vnd.test.other"];
      const theirs = await orasDigest("attach", "image", other);

      const seen = await discoveredByOras();
      assert.ok(seen.includes(attached.digest) && seen.includes(theirs));
      const tree = await wharfOk(["discover", place.name("image"), "--json"]);
      const { referrers } = JSON.parse(tree.stdout) as { referrers: Referrer[] };
      assert.deepEqual(
        referrers.find((one) => one.digest === theirs)?.files.map(({ title }) => title),
        ["dir/a.txt"],
      );
      const found = referrers.find((one) => one.digest === attached.digest);
      assert.deepEqual([found?.artifactType, found?.files[0]?.title], [type, "config.json"]);

      const out = newFolder();
      await wharfOk(["pull", place.name("image"), "--attached", type, "-o", out]);
      assert.deepEqual(readdirSync(out), ["config.json"]);

      await wharfOk(["detach", place.name("image"), theirs, "--yes"]);
      assert.ok(!(await discoveredByOras()).includes(theirs));
      await wharfOk(["detach", place.name("image"), "--type", type, "--yes"]);
      assert.deepEqual(await discoveredByOras(), []);
      assert.equal((await wharfOk(["digest", place.name("image")])).stdout.trim(), digest);
    });
    interface Referrer {
      readonly digest: string;
      readonly artifactType: string;
      readonly files: readonly { readonly title: string }[];
    }
    async function discoveredByOras(): Promise<string[]> {
      const said = await oras.run(["discover", ...place.oras("image"), "--format", "json"]);
      const { referrers } = JSON.parse(said) as { referrers?: { digest: string }[] };
      return (referrers ?? []).map(({ digest }) => digest);
    }
  });
}

suite("the commands", () => {
  const at = (tag: string) => `${ours.host}/commands:${tag}`;

  test("annotations come from a file, for the manifest, the configuration and each file", async () => {
    await wharfOk(["push", at("noted"), "hi.txt", ...noted, "-a", "more=words"], here);
    const { stdout } = await wharfOk(["manifest", "get", at("noted")]);
    assert.match(stdout, /"from":"a \\u003cfile\\u003e \\u0026 more"/);
    const manifest = JSON.parse(stdout) as Manifest;
    assert.equal(manifest.annotations["more"], "words");
    assert.equal(manifest.config.annotations["of"], "the configuration");
    assert.equal(manifest.layers[0]?.annotations["language"], "en");
    const { stderr } = await wharfOk(["push", at("noted"), "dir", ...noted], here);
    assert.match(stderr, /no file is called 'hi\.txt'/);
  });
  interface Manifest {
    readonly annotations: Readonly<Record<string, string>>;
    readonly config: { readonly annotations: Readonly<Record<string, string>> };
    readonly layers: readonly { readonly annotations: Readonly<Record<string, string>> }[];
  }

  test("with SOURCE_DATE_EPOCH the same files give the same digest, whenever", async () => {
    const environment = { SOURCE_DATE_EPOCH: "1577836800" };
    const pushed = async (tag: string) =>
      (await wharfOk(["push", at(tag), "hi.txt", "dir"], { ...here, environment })).stdout;
    const [first, second] = [await pushed("first"), await pushed("second")];
    assert.equal(first.split("@")[1], second.split("@")[1]);
    const wrong = { SOURCE_DATE_EPOCH: "yesterday" };
    const said = await wharf(["push", at("x"), "hi.txt"], { ...here, environment: wrong });
    assert.equal(said.status, 2);
    assert.match(said.stderr, /SOURCE_DATE_EPOCH is 'yesterday'/);
  });

  test("a pipe can be pushed, and comes back", async () => {
    const words = ["push", at("piped"), "-:text/plain", "--title", "said.txt"];
    await wharfOk(words, { stdin: "words" });
    const out = newFolder();
    await wharfOk(["pull", at("piped"), "-o", out]);
    assert.equal(readFileSync(join(out, "said.txt"), "utf8"), "words");
    const nameless = await wharf(["push", at("piped"), "-"], { stdin: "words" });
    assert.deepEqual([nameless.status, /--title/.test(nameless.stderr)], [2, true]);
  });

  test("what is pulled twice is there already; what differs stops the pull", async () => {
    await wharfOk(["push", at("twice"), "hi.txt", "config.json"], here);
    const out = newFolder();
    await wharfOk(["pull", at("twice"), "-o", out]);
    const again = await wharfOk(["pull", at("twice"), "-o", out]);
    assert.match(again.stderr, /2 files, .*, 2 there already/);
    writeFileSync(join(out, "hi.txt"), "mine");
    const refused = await wharf(["pull", at("twice"), "-o", out]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /hi\.txt would be overwritten\n.*--force/);
    assert.equal(readFileSync(join(out, "hi.txt"), "utf8"), "mine");
    await wharfOk(["pull", at("twice"), "-o", out, "--force"]);
    assert.equal(readFileSync(join(out, "hi.txt"), "utf8"), "hello\n");
  });

  test("a container image says that it is to be copied", async () => {
    const { status, stderr } = await wharf(["pull", `${ours.host}/hello/wharf`, "-o", newFolder()]);
    assert.equal(status, 1);
    assert.match(stderr, /holds no files to pull.*\n.*wharf copy/);
  });

  test("several tags, an archive, and no tag at all", async () => {
    const many = await wharfOk(["push", at("a"), "hi.txt", "--tag", "b", "--tag", "c"], here);
    assert.equal(many.stdout.trim().split("\n").length, 3);
    const digests = await Promise.all(["a", "c"].map((tag) => wharfOk(["digest", at(tag)])));
    assert.equal(digests[0]!.stdout, digests[1]!.stdout);
    const bare = await wharfOk(["push", `${ours.host}/commands`, "dir"], here);
    const out = newFolder();
    await wharfOk(["pull", bare.stdout.trim(), "-o", out]);
    assert.deepEqual(readdirSync(out), ["dir"]);
    const archive = `oci-archive:${join(folder, "artifact.tar")}`;
    await wharfOk(["push", `${archive}:v1`, "hi.txt", "dir"], here);
    const fromArchive = newFolder();
    await wharfOk(["pull", archive, "-o", fromArchive]);
    assert.deepEqual(readdirSync(fromArchive).toSorted(), ["dir", "hi.txt"]);
  });

  test("detach asks before it deletes, and shows with --dry-run what it would", async () => {
    await wharfOk(["push", at("kept"), "hi.txt"], here);
    const attach = ["attach", at("kept"), "--type", "a/b", "-a", "k=v", "--json"];
    const { digest } = JSON.parse((await wharfOk(attach)).stdout) as { digest: string };
    const asked = await wharf(["detach", at("kept"), digest]);
    assert.equal(asked.status, 2);
    assert.match(asked.stderr, /--yes/);
    const dry = await wharfOk(["detach", at("kept"), digest, "--dry-run"]);
    assert.equal(dry.stdout, `Would detach ${digest}  a/b\n`);
    const { stdout } = await wharfOk(["discover", at("kept")]);
    assert.match(stdout, new RegExp(`└─ a/b\n +${digest}\n +made .*\n +k: v\n`));
    const unknown = `sha256:${"0".repeat(64)}`;
    const missing = await wharf(["detach", at("kept"), unknown, "--yes"]);
    assert.deepEqual([missing.status, /is not attached/.test(missing.stderr)], [4, true]);
  });

  const refusals: Readonly<Record<string, readonly [string[], RegExp]>> = {
    "nothing to push": [["push", "HOST/x:v1"], /nothing to push/],
    "a digest to push to": [
      ["push", `HOST/x@sha256:${"0".repeat(64)}`, "hi.txt"],
      /names a digest/,
    ],
    "a target for images only": [["push", "docker-archive:x.tar", "hi.txt"], /images only/],
    "a configuration file before the command": [
      ["--config", "x", "push", "HOST/x", "hi.txt"],
      /WHARF_CONFIG/,
    ],
    "an annotation without a value": [["push", "HOST/x", "-a", "key"], /is no annotation/],
    "an attachment without a type": [["attach", "HOST/x:v1", "hi.txt"], /--type/],
    "an attachment without content": [
      ["attach", "HOST/x:v1", "--type", "a/b"],
      /nothing to attach/,
    ],
    "a detachment of nobody knows what": [["detach", "HOST/x:v1"], /Detach what\?/],
    "a detachment without a tag": [
      ["detach", "HOST/x", "--type", "a/b"],
      /neither a tag nor a digest/,
    ],
    "a size that is none": [["pull", "HOST/x", "--max-unpacked", "big"], /is a size/],
  };
  for (const [what, [words, message]] of Object.entries(refusals))
    test(`${what} is an error of usage`, async () => {
      const named = words.map((word) => word.replace("HOST", ours.host));
      const { status, stderr } = await wharf(named, here);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    });
});
