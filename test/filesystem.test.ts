/** What is inside an image, from our server and Debian's registry, compared with what crane and podman make of it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";

import {
  file,
  hardlink,
  layerOf,
  opaque,
  symlink,
  whiteout,
  type Item,
} from "../src/image/filesystem/testing/layers.ts";
import { imageConfig } from "../src/image/config.ts";
import { mediaTypes } from "../src/reference/descriptor.ts";
import { digestOf } from "../src/reference/digest.ts";
import { parseManifest } from "../src/reference/manifest.ts";
import { connect } from "../src/registry/index.ts";
import { checkValue, readOutputPage } from "./cli/output-page.ts";
import { jsonLines, registries, temporaryFolder } from "./cli/stage.ts";
import { onTerminal, terminal } from "./cli/terminal.ts";
import { ImageBuilder, type Layer, type TestImage } from "./image-builder.ts";
import { busyboxImage, syntheticImage } from "./images.ts";
import { podman, podmanIn } from "./podman.ts";
import { tool } from "./tools.ts";
import { wharf, wharfOk } from "./wharf.ts";

const crane = tool("crane", "go install github.com/google/go-containerregistry/cmd/crane@latest");
const tar = tool("tar", "apt-get install tar");
const isRoot = process.getuid?.() === 0;
const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const sections = readOutputPage();

const busybox = await busyboxImage();
const base: TestImage =
  "skip" in busybox ? await syntheticImage({ platforms: ["linux/amd64", "linux/arm64"] }) : busybox;
const isBusybox = !("skip" in busybox);

/** The base for amd64 with two layers on top that do all that layers can do. */
async function application(): Promise<TestImage> {
  const builder = new ImageBuilder();
  for (const { descriptor, source } of base.blobs) builder.addSource(descriptor, source);
  const store = await base.store();
  const amd64 = base.platforms.find(({ platform }) => platform?.architecture === "amd64")!;
  const manifest = parseManifest((await store.fetchManifest(amd64.digest)).bytes);
  assert.ok(manifest.kind === "image");
  const { diffIds } = await imageConfig(store, amd64.digest);
  const below = manifest.layers.map((descriptor, at) => ({ descriptor, diffId: diffIds[at]! }));
  const config = { Env: ["PATH=/bin", "DEBUG=1"], Cmd: ["sh"] };
  const above = [await layer(builder, one, "gzip"), await layer(builder, two, "zstd")];
  const root = builder.addImage(
    { os: "linux", architecture: "amd64" },
    [...below, ...above],
    config,
  );
  return builder.finish("app", root, [root]);
}

const one: Item[] = [
  { name: "opt", type: "directory", mode: 0o750 },
  file("opt/tool", "tool 1", 0o4755),
  { ...hardlink("opt/alias", "opt/tool"), mode: 0o4755 },
  { ...hardlink("opt/other", "opt/tool"), mode: 0o4755 },
  symlink("opt/link", "../etc/motd"),
  { name: "var", type: "directory", mode: 0o755 },
  { name: "var/old", type: "directory", mode: 0o755 },
  file("var/old/a"),
  { name: `opt/${"long name ".repeat(15)}é`, content: "x", mode: 0o600, uid: 1000, gid: 3_000_000 },
];

const two: Item[] = [
  { name: "opt", type: "directory", mode: 0o700 },
  file("opt/tool", "tool 2", 0o755),
  whiteout("opt/other"),
  { name: "var", type: "directory", mode: 0o755 },
  { name: "var/old", type: "directory", mode: 0o711 },
  opaque("var/old"),
  file("var/old/b", "b"),
  { name: "etc", type: "directory", mode: 0o755 },
  file("etc/motd", "Changed.\n"),
  whiteout("etc/passwd"),
];

async function layer(
  builder: ImageBuilder,
  items: Item[],
  packing: "gzip" | "zstd",
): Promise<Layer> {
  const bytes = await layerOf(items);
  const packed = packing === "gzip" ? gzipSync(bytes) : zstdCompressSync(bytes);
  const type = packing === "gzip" ? mediaTypes.ociLayerGzip : mediaTypes.ociLayerZstd;
  return { descriptor: builder.addBlob(type, packed), diffId: digestOf(bytes) };
}

const app = await application();
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A line for each entry of a folder: kind, rights, size and content, target; which names are one file. */
function tree(root: string): string[] {
  const inodes = new Map<number, string>();
  const lines: string[] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(join(root, path)).toSorted()) {
      const below = join(path, name);
      const found = lstatSync(join(root, below));
      const mode = (found.mode & 0o7777).toString(8);
      if (found.isSymbolicLink()) lines.push(`${below} -> ${readlinkSync(join(root, below))}`);
      else if (found.isDirectory()) {
        lines.push(`${below}/ ${mode}`);
        visit(below);
      } else {
        const same = inodes.get(found.ino) ?? below;
        inodes.set(found.ino, same);
        const content = sha256(readFileSync(join(root, below)));
        lines.push(`${below} ${mode} ${found.uid}:${found.gid} ${content} ${same}`);
      }
    }
  };
  visit("");
  return lines;
}

/** What a tar says of its entries, sorted, folders without a slash behind them. */
async function listing(path: string): Promise<string[]> {
  const said = await tar.run(["tvf", path, "--numeric-owner", "--full-time", "--quoting-style=c"]);
  return said
    .split("\n")
    .map((line) => line.replace(/\/"$/, '"'))
    .toSorted();
}

for (const { name, skip, start } of registries)
  suite(`inside an image of ${name}`, { skip }, () => {
    let server: Awaited<ReturnType<typeof start>>;
    let plain: string;
    let changed: string;
    const out = (file: string) => at(`${name.replaceAll(/\W/g, "-")}-${file}`);

    before(async () => {
      server = await start();
      plain = `${server.host}/team/base:${base.tag}`;
      changed = `${server.host}/team/app:app`;
      const registry = connect(server.host);
      await base.pushTo(registry.repository("team/base"));
      await app.pushTo(registry.repository("team/app"));
      await registry.close();
    });
    after(() => server?.close());

    test("export gives what crane exports", { skip: crane.skip }, async () => {
      const [ours, theirs] = [out("ours.tar"), out("theirs.tar")];
      await wharfOk(["export", plain, "--platform=linux/amd64", "-o", ours]);
      await crane.run(["export", plain, "--platform=linux/amd64", theirs]);
      assert.deepEqual(await listing(ours), await listing(theirs));
      const contents = async (path: string) => sha256(Buffer.from(await tar.run(["xOf", path])));
      assert.equal(await contents(ours), await contents(theirs));
    });

    test(
      "export is what podman unpacks",
      { skip: podman.skip || (!isRoot && "needs root") },
      async () => {
        const { run } = podmanIn(at(`p${server.host.split(":")[1]}`));
        await run("pull", "--quiet", "--tls-verify=false", changed);
        const mounted = (await run("image", "mount", changed)).trim();
        const unpacked = out("unpacked");
        mkdirSync(unpacked);
        await wharfOk(["export", changed, "-o", out("app.tar")]);
        await tar.run(["xpf", out("app.tar"), "--same-owner", "-C", unpacked]);
        const lines = tree(unpacked);
        assert.deepEqual(lines, tree(mounted));
        await run("image", "unmount", changed);
        const opt = lines
          .filter((line) => /^(opt|var)/.test(line))
          .map((line) => line.split(" ")[0]);
        assert.deepEqual(opt.slice(0, 3), ["opt/", "opt/alias", "opt/link"]);
        assert.ok(
          !lines.some((line) => line.startsWith("var/old/a") || line.startsWith("opt/other")),
        );
      },
    );

    test("export is the same bytes from wherever the image is", async () => {
      const kinds = [
        `oci:${out("layout")}:1`,
        `oci-archive:${out("oci.tar")}:1`,
        `docker-archive:${out("docker.tar")}`,
      ];
      const first = await wharf(["export", changed, "-o", out("first.tar"), "--json"]);
      assert.equal(first.status, 0, first.stderr);
      const told = JSON.parse(first.stdout) as { entries: number; size: number };
      checkValue(
        told,
        sections.find(({ name }) => name === "wharf export")!,
        sections,
      );
      assert.equal(told.size, statSync(out("first.tar")).size);
      for (const kind of kinds) {
        await wharfOk(["copy", changed, kind, "--quiet"]);
        await wharfOk(["export", kind, "-o", out("again.tar")]);
        assert.ok(readFileSync(out("again.tar")).equals(readFileSync(out("first.tar"))), kind);
      }
    });

    test("cat prints a file, from the newest layer that has it, through links", async () => {
      const cat = async (path: string, ...more: string[]) =>
        (await wharfOk(["cat", changed, path, ...more])).stdout;
      for (const verify of [[], ["--verify"]]) {
        assert.equal(await cat("/etc/motd", ...verify), "Changed.\n");
        assert.equal(await cat("opt/link", ...verify), "Changed.\n");
        assert.equal(await cat("/opt/alias", ...verify), "tool 1");
      }
      const { stdout } = await wharfOk(["cat", changed, "/opt/link", "-o", out("motd"), "--json"]);
      const told = JSON.parse(stdout) as { path: string };
      checkValue(
        told,
        sections.find(({ name }) => name === "wharf cat")!,
        sections,
      );
      assert.equal(told.path, "/etc/motd");
      assert.equal(readFileSync(out("motd"), "utf8"), "Changed.\n");
      for (const [path, status, message] of [
        ["/etc/passwd", 4, /has no file \/etc\/passwd/],
        ["/var/old/a", 4, /has no file/],
        ["/opt", 1, /is a folder/],
      ] as const) {
        const said = await wharf(["cat", changed, path]);
        assert.equal(said.status, status);
        assert.match(said.stderr, message);
      }
    });

    test("files lists a folder as ls does, or everything as JSON", async () => {
      const { stdout } = await wharfOk(["files", changed, "/opt"]);
      assert.match(stdout, /^-rwxr-xr-x {2}0:0 {2,}6 B {2,}tool$/m);
      assert.match(stdout, /^-rw------- {2}1000:3000000 +1 B +long name/m);
      assert.match(stdout, /^lrwxrwxrwx? .* link -> \.\.\/etc\/motd$/m);
      const all = await wharfOk(["files", changed, "-R", "--json"]);
      const items = jsonLines<{ path: string }>(all.stdout);
      const section = sections.find(({ name }) => name === "wharf files")!;
      for (const item of items) checkValue(item, section, sections);
      const paths = items.map(({ path }) => path);
      assert.deepEqual(paths, paths.toSorted());
      assert.ok(paths.includes("/var/old/b") && !paths.includes("/var/old/a"));
    });

    test("diff tells configuration, layers and files, and by its status if asked", async () => {
      const words = ["diff", plain, changed];
      const said = await wharfOk(words);
      assert.match(said.stdout, /^ {2}\+ Env\.DEBUG {2}1$/m);
      assert.match(said.stdout, /^ {2}= 3 layers, /m);
      for (const line of said.stdout.split("\n"))
        assert.ok(line.length <= 80 || /sha256/.test(line));
      const files = await wharfOk([...words, "--files"]);
      if (isBusybox) {
        assert.match(files.stdout, /^ {2}~ \/etc\/motd {2}content, 22 B → 9 B$/m);
        assert.match(files.stdout, /^ {2}- \/etc\/passwd {2}-rw-r--r-- {2}30 B$/m);
      }
      assert.match(files.stdout, /^ {2}\+ \/opt\/alias {2}-rwsr-xr-x {2}6 B$/m);
      const { stdout } = await wharfOk([...words, "--files", "--json"]);
      checkValue(
        JSON.parse(stdout),
        sections.find(({ name }) => name === "wharf diff")!,
        sections,
      );
      assert.equal((await wharf([...words, "--exit-code"])).status, 1);
      const same = await wharf(["diff", plain, plain, "--exit-code"]);
      assert.equal(same.status, 0);
      assert.match(same.stdout, /^The same$/m);
      const platforms = await wharfOk(["diff", plain, plain, "--platform=linux/arm64", "--json"]);
      assert.equal((JSON.parse(platforms.stdout) as { same: boolean }).same, true);
    });

    test("inspect --all-platforms is a line for each platform", async () => {
      const { stdout } = await wharfOk(["inspect", plain, "--all-platforms"]);
      const lines = stdout.trimEnd().split("\n");
      assert.equal(lines.length, 3);
      assert.match(lines[1]!, /^linux\/amd64 +[\d.]+ [KM]iB +3 {2}2026-01-01 {2}[0-9a-f]{12}$/);
      for (const line of lines) assert.ok(line.length <= 80);
      const json = await wharfOk(["inspect", plain, "--all-platforms", "--json"]);
      const section = sections.find(({ name }) => name === "wharf inspect/--all-platforms")!;
      for (const item of JSON.parse(json.stdout) as unknown[]) checkValue(item, section, sections);
    });
  });

test("a terminal is spared what is no text", { skip: terminal.skip }, async () => {
  const layout = `oci:${at("terminal")}:1`;
  const { openLayout } = await import("../src/store/layout/layout.ts");
  const store = await openLayout(at("terminal"), { create: true });
  await app.pushTo(store);
  await store.tag(app.root, "1");
  await store.close();
  assert.equal((await onTerminal(["cat", layout, "/etc/motd"])).text, "Changed.\n");
  const path = isBusybox ? "/bin/busybox" : "/data-1-0";
  const binary = await onTerminal(["cat", layout, path]);
  assert.equal(binary.status, 2);
  assert.match(binary.text, /is no text and would garble the terminal/);
  const exported = await onTerminal(["export", layout]);
  assert.equal(exported.status, 2);
  assert.match(exported.text, /A tar would garble the terminal/);
  const { stdout } = await promisify(execFile)("sh", ["-c", `ls -A "${folder}"`]);
  assert.ok(!stdout.includes(".part"), "nothing is left behind");
});
