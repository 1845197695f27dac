/**
 * The main job, whole: a real image for two platforms with an SBOM and a signature goes from registry to registry to layout to
 * archive by the command; skopeo agrees on every digest, and podman starts a program out of it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";

import { connect } from "../src/registry/index.ts";
import { copy } from "../src/transfer/copy.ts";
import { dockerRegistry, startDockerRegistry, type DockerRegistry } from "./docker-registry.ts";
import { busyboxImage } from "./images.ts";
import { podman, podmanIn } from "./podman.ts";
import { skipWithout, tool } from "./tools.ts";
import { serveRegistry, wharfOk } from "./wharf.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const image = await busyboxImage();
const noImage = "skip" in image && process.env.WHARF_TEST_NO_SKIP !== "1" ? image.skip : false;
const skip = noImage || skipWithout(dockerRegistry, skopeo, podman);

suite("a real image on its way", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-journey-"));
  let debian: DockerRegistry;
  let ours: Awaited<ReturnType<typeof serveRegistry>>;
  let first: string;
  let second: string;
  const layout = `oci:${join(folder, "layout")}:1`;
  const archive = `oci-archive:${join(folder, "image.tar")}:1`;
  const dockerArchive = `docker-archive:${join(folder, "docker.tar")}`;

  before(async () => {
    assert.ok(!("skip" in image), "skip" in image ? image.skip : "");
    debian = await startDockerRegistry();
    ours = await serveRegistry(join(folder, "registry"));
    first = `${debian.host}/busybox:1`;
    second = `${ours.host}/deep/er/busybox:1`;
    const registry = connect(debian.host);
    await copy(await image.store(), image.tag, registry.repository("busybox"), { tag: "1" });
    await registry.close();
  });
  after(async () => {
    await ours?.close();
    await debian?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The digests of the index and of all that it names, as skopeo reads them. */
  async function digestsBySkopeo(location: string): Promise<unknown> {
    const raw = await skopeo.run(["inspect", "--raw", "--tls-verify=false", location]);
    const { manifests } = JSON.parse(raw) as { manifests: { digest: string }[] };
    return manifests.map(({ digest }) => digest);
  }

  async function attachedTo(location: string): Promise<string[]> {
    const { stdout } = await wharfOk(["referrers", location, "--json"]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Attached);
    return lines.map(({ kind, descriptor }) => `${kind} ${descriptor.digest}`).toSorted();
  }
  interface Attached {
    readonly kind: string;
    readonly descriptor: { readonly digest: string };
  }

  test("it goes through two registries, a layout and an archive, and back", async () => {
    const back = `${debian.host}/back/busybox:1`;
    const stops = [first, second, layout, archive, back];
    for (const [at, from] of stops.slice(0, -1).entries())
      await wharfOk(["copy", from, stops[at + 1]!]);
    for (const stop of stops) {
      const { stdout } = await wharfOk(["digest", stop]);
      assert.ok(!("skip" in image));
      assert.equal(stdout.trim(), image.root.digest, stop);
      const read = stop.includes("oci") ? stop : `docker://${stop}`;
      assert.deepEqual(
        await digestsBySkopeo(read),
        await digestsBySkopeo(`docker://${first}`),
        stop,
      );
    }
  });

  test("its SBOM and signature came along everywhere", async () => {
    const there = await attachedTo(first);
    assert.equal(there.filter((line) => line.startsWith("sbom ")).length, 1);
    assert.ok(there.some((line) => line.startsWith("signature ")));
    for (const stop of [second, layout, `${debian.host}/back/busybox:1`])
      assert.deepEqual(await attachedTo(stop), there, stop);
  });

  test("a second copy has nothing to do", async () => {
    const { stdout } = await wharfOk(["copy", first, second, "--json"]);
    const last = JSON.parse(stdout.trim().split("\n").at(-1)!) as { type: string; totals: Totals };
    assert.equal(last.type, "done");
    assert.equal(last.totals.blobs.copied + last.totals.manifests.copied, 0);
  });
  interface Totals {
    readonly blobs: { readonly copied: number };
    readonly manifests: { readonly copied: number };
  }

  test("a docker archive has the configuration and the unpacked layers that skopeo would write", async () => {
    await wharfOk(["copy", second, dockerArchive, "--platform", "linux/amd64"]);
    const config = async (location: string) =>
      JSON.parse(
        await skopeo.run([
          "inspect",
          "--config",
          "--override-os=linux",
          "--override-arch=amd64",
          "--tls-verify=false",
          location,
        ]),
      ) as unknown;
    assert.deepEqual(await config(dockerArchive), await config(`docker://${second}`));
  });

  test("podman pulls it from our registry, loads our archives, and starts it", async () => {
    const local = podmanIn(join(folder, "podman"));
    await local.run("pull", "--quiet", "--tls-verify=false", second);
    await local.starts(second);
    await local.run("rmi", "--all", "--force");
    await local.run("load", "--quiet", "-i", join(folder, "docker.tar"));
    await local.starts(second);
    await local.run("rmi", "--all", "--force");
    // Through a pipe, as people do it.
    const { stdout } = await promisify(execFile)("sh", ["-c", pipe(local.options)], {
      maxBuffer: 1 << 20,
    });
    assert.match(stdout, /Loaded image/);
    await local.starts(second);
  });

  const pipe = (options: readonly string[]) =>
    `"${process.execPath}" dist/cli/bin.js copy --platform local ${second} docker-archive:- | podman ${options.join(" ")} load`;
});
