/** What `npm test` runs: who may install packages, and how a run is summed up. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { mayInstall } from "../scripts/may-install.ts";
import { cleanEnvironment, root } from "./wharf.ts";

const folder = mkdtempSync(join(tmpdir(), "wharf-scripts-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("packages are installed", () => {
  const cases: [
    allowed: boolean,
    environment: Record<string, string>,
    user: number,
    container: boolean,
  ][] = [
    [false, {}, 0, false],
    [false, {}, 1000, true],
    [false, { CI: "true" }, 1000, true],
    [true, { CI: "true" }, 0, false],
    [true, {}, 0, true],
    [false, { CI: "false" }, 0, false],
    [true, { WHARF_TEST_APT: "1" }, 1000, false],
    [false, { WHARF_TEST_APT: "0", CI: "true" }, 0, true],
  ];
  test("as root in CI or a container, or where somebody asks for it, and never else", () => {
    for (const [allowed, environment, user, inContainer] of cases) {
      const machine = { environment, user, inContainer };
      assert.equal(mayInstall(machine), allowed, JSON.stringify(machine));
    }
  });

  /** Runs the script where only these programs are; each notes how it was called. */
  function install(
    {
      failing = false,
      active = "",
      there = ["apt-get"],
    }: { failing?: boolean; active?: string; there?: string[] },
    environment: Record<string, string>,
  ) {
    const bin = mkdtempSync(join(folder, "bin-"));
    const log = join(bin, "log");
    const program = (name: string, script: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    for (const name of there) program(name, "");
    if (there.includes("apt-get"))
      program(
        "apt-get",
        failing
          ? `echo "no such archive" >&2; exit 100`
          : `[ "$1" = update ] || : > ${bin}/installed`,
      );
    program("sudo", "exit 1");
    program("systemd-detect-virt", "exit 1");
    // A service is there once its package is, unless it was running before.
    program(
      "systemctl",
      `[ "$1" = stop ] && exit 0; [ -e ${bin}/installed ] || [ "$3" = "${active}" ]`,
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "scripts/debian-packages.ts")],
      {
        env: { PATH: bin, ...environment },
        encoding: "utf8",
      },
    );
    assert.equal(stderr, "");
    assert.equal(status, 0);
    const calls = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
    return { stdout, calls: calls.filter((call) => !/is-active|detect-virt/.test(call)) };
  }

  const update = "apt-get update";
  const installing = "apt-get install --yes --no-install-recommends";

  test("those that are missing, by apt-get alone; a service that a package starts is stopped", () => {
    const { stdout, calls } = install({ there: ["apt-get", "skopeo"] }, { WHARF_TEST_APT: "1" });
    assert.equal(stdout, "Installing docker-registry, podman (Debian packages)\n");
    assert.deepEqual(calls, [
      update,
      `${installing} docker-registry podman`,
      "systemctl stop docker-registry.service",
      "systemctl stop podman.socket",
    ]);
  });

  test("and a service that ran before goes on", () => {
    const { calls } = install({ active: "podman.socket" }, { WHARF_TEST_APT: "1" });
    assert.deepEqual(calls.slice(2), ["systemctl stop docker-registry.service"]);
  });

  test("not where nobody allowed it, nothing is missing, or there is no apt-get", () => {
    assert.deepEqual(install({}, { WHARF_TEST_APT: "0", CI: "true" }).calls, []);
    const all = ["apt-get", "docker-registry", "skopeo", "podman"];
    assert.deepEqual(install({ there: all }, { WHARF_TEST_APT: "1" }).calls, []);
    assert.deepEqual(install({ there: [] }, { WHARF_TEST_APT: "1" }).calls, []);
  });

  test("a failure is told with apt's words, and the tests run all the same", () => {
    const { stdout } = install({ failing: true }, { WHARF_TEST_APT: "1" });
    assert.match(stdout, /apt-get could not install them:\nno such archive/);
  });
});

describe("a run", () => {
  let files = 0;
  function check(body: string, environment: Record<string, string> = {}) {
    const file = join(folder, `${(files += 1)}.test.ts`);
    writeFileSync(file, `import { suite, test } from "node:test";\n${body}\n`);
    const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts/check.ts"), file], {
      env: { PATH: process.env.PATH ?? "", NO_COLOR: "1", ...environment },
      encoding: "utf8",
      cwd: root,
    });
    return { status, stdout, last: stdout.trimEnd().split("\n").at(-1) };
  }
  const passing = `test("passes", () => {});`;
  const failing = `test("fails", () => { throw new Error("broken"); });`;
  const skipped = `test("left out", { skip: "x is not on PATH: apt-get install x" }, () => {});`;
  const suiteSkipped = `suite("all of it", { skip: "y is not on PATH: apt-get install y" }, () => { ${passing} });`;
  const strict = { WHARF_TEST_NO_SKIP: "1" };

  test("ends with how many passed, failed and were skipped", () => {
    const { status, last } = check(passing + failing + skipped);
    assert.equal(last, "1 passed, 1 failed, 1 skipped");
    assert.equal(status, 1);
    const fine = check(passing);
    assert.deepEqual([fine.status, fine.last], [0, "1 passed, 0 failed, 0 skipped"]);
  });

  test("says of each skip what enables it, also of a whole suite's", () => {
    const { status, stdout, last } = check(passing + skipped + suiteSkipped);
    assert.equal(status, 0);
    assert.match(stdout, /Skipped:\n.*left out: x is not on PATH: apt-get install x\n/);
    assert.match(stdout, /: all of it: y is not on PATH: apt-get install y\n/);
    assert.equal(last, "1 passed, 0 failed, 2 skipped");
  });

  test("fails by a skip where none is allowed", () => {
    for (const body of [skipped, suiteSkipped, `test("later", { todo: "soon" }, () => {});`]) {
      const { status, stdout, last } = check(passing + body, strict);
      assert.equal(status, 1, body);
      assert.match(stdout, /WHARF_TEST_NO_SKIP=1: a skipped test is a failure/);
      assert.equal(last, "1 passed, 0 failed, 1 skipped");
    }
    assert.equal(check(passing, strict).status, 0);
  });

  test("fails by a file that does not load", () => {
    const { status, last } = check("import './not-there.ts';");
    assert.equal(status, 1);
    assert.match(last ?? "", /^\d+ passed, 1 failed, 0 skipped$/);
  });
});

describe("npm start", () => {
  test("starts a Docker Hub, on another port where its own is taken, and what it prints works", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const config = join(folder, "started", "sandbox.yaml");
    const npm = { npm_execpath: "npm" };
    const child = spawn(
      process.execPath,
      [join(root, "scripts/start.mjs"), "--port", String(port), "--write-config", config],
      {
        env: { ...cleanEnvironment(npm), WHARF_PREPARED: "1" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const closed = once(child, "close");
    try {
      let printed = "";
      for await (const chunk of child.stdout) {
        printed += String(chunk);
        if (printed.includes("Ctrl-C ends it.")) break;
      }
      assert.match(printed, /^Docker Hub is http:\/\/127\.0\.0\.1:\d+\/hub/);
      assert.doesNotMatch(printed, new RegExp(`:${port}/`));
      const lines = printed.split("\n").map((line) => line.trim());
      const exports = lines.filter((line) => line.startsWith("export "));
      const commands = lines.filter((line) => line.startsWith("npx wharf "));
      assert.equal(commands.length, 5);
      const wharf = `"${process.execPath}" "${join(root, "dist/cli/bin.js")}"`;
      for (const command of commands) {
        const line = [...exports, command.replace("npx wharf", wharf)].join("\n");
        const { status, stdout, stderr } = spawnSync("sh", ["-ec", line], {
          env: cleanEnvironment(),
          encoding: "utf8",
          cwd: folder,
        });
        assert.equal(status, 0, command + stderr);
        assert.notEqual(stdout, "", command);
      }
    } finally {
      taken.close();
      child.kill("SIGTERM");
      await closed;
    }
  });
});
