/** The daemon's images, with podman's service, which speaks docker's API. */
import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";

import { localPlatform } from "../src/reference/platform.ts";
import { imageOf, layerOf, pushImage } from "../src/store/archive/testing/images.ts";
import { openDaemonSource, openDaemonTarget } from "../src/store/daemon/daemon.ts";
import { createMemoryRepository } from "../src/store/memory.ts";
import { copy } from "../src/transfer/copy.ts";
import { busyboxImage } from "./images.ts";
import { isOnPath, tool } from "./tools.ts";
import { cleanEnvironment } from "./wharf.ts";

const execute = promisify(execFile);
const podman = tool("podman", "apt-get install podman");
const docker = tool("docker", "apt-get install docker.io");
/**
 * Scripts do not install docker's client: its package brings a daemon, and it is a second opinion only. So nobody has to have
 * it, not even where a skip is a failure.
 */
const triesDocker = isOnPath("docker") || process.env.WHARF_TEST_NO_SKIP !== "1";

const image = imageOf([
  await layerOf({ hello: "hello", large: Buffer.alloc(3_000_000, "large") }),
  await layerOf({ second: "2" }, "zstd"),
]);
const busybox = await busyboxImage();

suite("podman's service", { skip: podman.skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-podman-"));
  const socket = `unix://${join(folder, "podman.sock")}`;
  const [root, runRoot, tmp] = ["root", "run", "tmp"].map((part) => join(folder, part));
  const own = `--root ${root} --runroot ${runRoot} --tmpdir ${tmp} --storage-driver vfs`;
  const options = `${own} --cgroup-manager cgroupfs --events-backend none`.split(" ");
  const run = (...words: string[]) => podman.run([...options, ...words]);
  let service: ChildProcess | undefined;

  before(async () => {
    mkdirSync(tmp!, { recursive: true });
    const words = [...options, "--log-level=info", "system", "service", "--time=0", socket];
    const child = spawn("podman", words, {
      env: cleanEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    service = child;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stderr.on("data", (data: Buffer) => {
        said += data.toString();
        if (said.includes("API service listening on")) resolve();
      });
      child.on("close", () => reject(new Error(`podman's service ended: ${said}`)));
    });
  });
  after(async () => {
    if (service && service.exitCode === null) {
      service.kill();
      await once(service, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const id = image.config.descriptor.digest;

  async function load(name: string): Promise<void> {
    const target = await openDaemonTarget(name, { socket });
    try {
      await pushImage(target, image);
      await target.finish();
    } finally {
      await target.abort();
    }
  }

  test("an image is loaded under its name, and taken out again as it was", async (t) => {
    await load("wharf/loaded:1");
    const [found] = JSON.parse(await run("image", "inspect", "wharf/loaded:1")) as [
      { Id: string; RepoTags: string[] },
    ];
    assert.equal(`sha256:${found.Id}`, id);
    assert.deepEqual(found.RepoTags, ["docker.io/wharf/loaded:1"]);

    for (const name of ["wharf/loaded:1", "docker.io/wharf/loaded:1", found.Id]) {
      const source = await openDaemonSource(name, { socket });
      t.after(() => source.close());
      const memory = createMemoryRepository();
      const { descriptor } = await copy(source, await source.only(), memory, { tag: "1" });
      assert.equal((await memory.resolve("1")).digest, descriptor.digest);
      assert.ok(await memory.statBlob(id));
    }
  });

  test("an image that is not there is not found", async () => {
    await assert.rejects(openDaemonSource("wharf/gone:1", { socket }), {
      code: "MANIFEST_NOT_FOUND",
      message: new RegExp(`^${socket}: image wharf/gone:1: `),
    });
  });

  test("its socket is found by the environment", async () => {
    await load("wharf/found:1");
    const environment = { DOCKER_HOST: socket };
    const source = await openDaemonSource("wharf/found:1", { environment });
    assert.equal((await source.resolve(id)).digest, await source.only());
    await source.close();
  });

  test("what is no image is refused, with the daemon's words", async () => {
    const target = await openDaemonTarget("wharf/empty:1", { socket });
    // No image at all: an archive that lists nothing.
    await assert.rejects(target.finish(), { code: "REGISTRY_ERROR", message: /load: / });
    await target.abort();
  });

  if (triesDocker)
    test("docker's client sees the image too", { skip: docker.skip }, async () => {
      await load("wharf/seen:1");
      const environment = { DOCKER_HOST: socket };
      const seen = await docker.run(["image", "inspect", "--format", "{{.Id}}", "wharf/seen:1"], {
        environment,
      });
      assert.equal(seen.trim(), id);
    });

  const skip = "skip" in busybox ? busybox.skip : false;
  test("one platform of an index is loaded, and a program in it starts", { skip }, async () => {
    assert.ok(!("skip" in busybox));
    const name = "docker.io/wharf/busybox:1";
    const source = await busybox.store();
    const target = await openDaemonTarget(name, { socket });
    await copy(source, busybox.tag, target, { tag: [], platforms: [localPlatform()] });
    await target.finish();
    const said = await run("run", "--rm", "--network=none", name).catch(() => undefined);
    if (said !== undefined) return assert.equal(said, "hello from busybox\n");
    // Where containers cannot be made, as inside of some, the program is started in what podman has unpacked.
    const mounted = (await run("image", "mount", name)).trim();
    const start =
      process.getuid?.() === 0
        ? ["chroot", mounted, "/bin/busybox"]
        : [join(mounted, "bin/busybox")];
    const { stdout } = await execute(start[0]!, [...start.slice(1), "echo", "started"]);
    assert.equal(stdout, "started\n");
    await run("image", "unmount", name);
  });
});
