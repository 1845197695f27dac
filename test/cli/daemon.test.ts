/** `docker-daemon:` as people use it, with podman's service in the place of docker's daemon. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { localPlatform } from "../../src/reference/platform.ts";
import { ImageBuilder } from "../image-builder.ts";
import { podman, podmanIn } from "../podman.ts";
import { cleanEnvironment, serveRegistry, wharf, wharfOk } from "../wharf.ts";
import { hearing, push, temporaryFolder } from "./stage.ts";

suite("docker-daemon:", { skip: podman.skip }, () => {
  const folder = temporaryFolder();
  const environment = { DOCKER_HOST: `unix://${join(folder, "podman.sock")}` };
  const { options } = podmanIn(join(folder, "podman"));
  let service: ChildProcess;
  let server: Awaited<ReturnType<typeof serveRegistry>>;

  before(async () => {
    server = await serveRegistry("unused", ["--memory"]);
    const builder = new ImageBuilder();
    const layer = await builder.addLayer([{ name: "hello", body: "hello" }]);
    const image = builder.addImage(localPlatform(), [layer], { Entrypoint: ["/hello"] });
    await push(builder.finish("1", image, [image]), server.host, "app");
    mkdirSync(join(folder, "podman", "tmp"), { recursive: true });
    const words = ["--log-level=info", "system", "service", "--time=0", environment.DOCKER_HOST];
    service = spawn("podman", [...options, ...words], {
      env: cleanEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    await hearing(service.stderr!, /API service listening on/);
  });
  after(async () => {
    await server.close();
    if (service.exitCode === null && service.signalCode === null) {
      service.kill();
      await once(service, "exit");
    }
  });

  test("an image goes in, is looked at, and comes out again", async () => {
    const name = "docker-daemon:wharf/cli:1";
    const { stdout } = await wharfOk(["copy", `${server.host}/app:1`, name], { environment });
    assert.match(stdout, /^docker-daemon:wharf\/cli:1@sha256:/);
    const screen = (await wharfOk(["inspect", name], { environment })).stdout;
    assert.match(screen, /^Name +docker-daemon:wharf\/cli:1\n[^]*\n {2}Entrypoint {2}\/hello\n/);
    await wharfOk(["copy", name, `${server.host}/back:1`], { environment });
    const { stdout: back } = await wharfOk(["inspect", `${server.host}/back:1`, "--json"]);
    assert.deepEqual((JSON.parse(back) as Found).image.run.entrypoint, ["/hello"]);
  });
  interface Found {
    readonly image: { readonly run: { readonly entrypoint: readonly string[] } };
  }

  test("what the daemon has not is not found", async () => {
    const { status, stderr } = await wharf(["digest", "docker-daemon:none:1"], { environment });
    assert.equal(status, 4, stderr);
    assert.match(stderr, /^wharf: .*none:1.*\n {7}.+\n$/);
  });

  test("a daemon that is not there is told in one line, with what to do", async () => {
    const nobody = { DOCKER_HOST: `unix://${join(folder, "nobody.sock")}` };
    const { status, stderr } = await wharf(["digest", "docker-daemon:x"], { environment: nobody });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^wharf: .*nobody\.sock.*\n {7}Start it, or name its socket in DOCKER_HOST\.\n$/,
    );
  });
});
