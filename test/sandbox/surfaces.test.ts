/**
 * With docker.io pointed at a sandbox by the configuration file, every surface goes on as if it were Docker Hub: no word of any
 * command, and no line of any program, names the sandbox.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { type Sandbox, startSandbox } from "../../src/entrance/sandbox.ts";
import { skipWithout, tool } from "../tools.ts";
import { cleanEnvironment, root, wharf, wharfOk } from "../wharf.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const crane = tool("crane", "go install github.com/google/go-containerregistry/cmd/crane@latest");
const regctl = tool("regctl", "go install github.com/regclient/regclient/cmd/regctl@latest");

for (const separate of [false, true])
  describe(separate ? "each part on a port of its own" : "all on one port", () => {
    let sandbox: Sandbox;
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "wharf-surfaces-"));
      sandbox = await startSandbox({ separate, rateLimit: 10_000 });
      const { urls } = sandbox;
      await writeFile(
        join(folder, "config.yaml"),
        `docker.io:\n  url: ${urls.registry}\n  hubUrl: ${urls.hub}\n${separate ? `  authUrl: ${urls.auth}\n` : ""}`,
      );
      await writeFile(join(folder, "file.txt"), "hi\n");
      await writeFile(join(folder, "README.md"), "# First\n");
    });
    after(async () => {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    });

    const environmentOf = (who: string, more: Readonly<Record<string, string>> = {}) => ({
      WHARF_CONFIG: join(folder, "config.yaml"),
      HOME: join(folder, who),
      DOCKER_CONFIG: join(folder, who),
      XDG_STATE_HOME: join(folder, who, "state"),
      XDG_CACHE_HOME: join(folder, who, "cache"),
      ...more,
    });
    const ok = async (line: string, environment = environmentOf("alice")) =>
      (await wharfOk(line.split(" "), { cwd: folder, environment })).stdout;
    const signIn = (command: string, who = "alice") =>
      wharfOk([...command.split(" "), "--username", who, "--password-stdin"], {
        environment: environmentOf(who),
        stdin: `${who}-password`,
      });

    test("images: login, copy, tags, inspect, diff, files, sync, logout", async () => {
      await signIn("login");
      assert.match(await ok("whoami"), /^docker\.io: alice/);
      assert.match(await ok("ping"), /signed in as alice/);
      assert.match(await ok("tags hello"), /^latest$/m);
      assert.match(await ok("copy hello alice/first:v1"), /^docker\.io\/alice\/first:v1@sha256:/);
      await ok("copy alice/first:v1 alice/second");
      await ok("copy hello oci:layout:latest");
      await ok("copy oci:layout:latest alice/first:v2");
      assert.equal(await ok("digest alice/first:v2"), await ok("digest hello"));
      assert.match(await ok("inspect alice/first:v1"), /linux\/arm64/);
      assert.match(await ok("diff hello alice/first:v1"), /The same/);
      assert.match(await ok("files hello"), / hello$/m);
      assert.match(await ok("cat hello hello"), /ELF/);
      await ok("export hello -o files.tar");
      await ok("tag alice/first:v1 v3");
      assert.match(await ok("manifest get alice/first:v3"), /"manifests":\[/);
      await writeFile(
        join(folder, "sync.yaml"),
        "sync:\n  - source: hello\n    target: alice/mirror\n",
      );
      assert.match(await ok("sync sync.yaml"), /docker\.io\/alice\/mirror/);
      assert.equal(await ok("digest alice/mirror:1.0"), await ok("digest hello:1.0"));
      assert.match(await ok("prune alice/first --keep-newest 1 --dry-run"), /^delete +v2/m);
      await ok("prune alice/first --keep-newest 1 --yes");
      assert.equal(await ok("tags alice/first"), "v3\n");
      await ok("logout");
      assert.match(await ok("whoami"), /anonymous/);
      assert.match(await ok("rate-limit"), /of 100 pulls left in 6 h/);
      const refused = await wharf(["copy", "hello", "alice/first:v4"], {
        environment: environmentOf("alice"),
      });
      assert.equal(refused.status, 13);
    });

    test("artifacts: push, pull, attach, discover, referrers, blobs", async () => {
      await signIn("login");
      await ok("push alice/files:v1 file.txt");
      await ok("pull alice/files:v1 -o out");
      assert.equal(await readFile(join(folder, "out", "file.txt"), "utf8"), "hi\n");
      await ok("copy hello alice/noted:v1");
      await ok("attach alice/noted:v1 file.txt --type text/x-note");
      assert.match(await ok("discover alice/noted:v1"), /text\/x-note/);
      assert.match(await ok("referrers alice/noted:v1"), /text\/x-note/);
      await ok("blob put alice/blobs file.txt");
      await ok("blob alias alice/blobs two file.txt");
      assert.equal(await ok("blob get alice/blobs:two"), "hi\n");
      const digest = (await ok("digest alice/noted:v1")).trim();
      assert.equal(
        await ok("delete alice/noted:v1 --yes"),
        "Deleted docker.io/alice/noted:v1\n",
        "by the API, as the registry deletes nothing",
      );
      assert.doesNotMatch(await ok("tags alice/noted"), /v1/);
      const refused = await wharf(["delete", `alice/noted@${digest}`, "--yes"], {
        environment: environmentOf("alice"),
      });
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /Docker Hub deletes by its web API/);
    });

    test("dxf, with a token", async () => {
      const { token } = (await (
        await fetch(`${sandbox.urls.auth}/token?scope=repository:alice/dxf:pull,push`, {
          headers: { authorization: `Basic ${btoa("alice:alice-password")}` },
        })
      ).json()) as { token: string };
      const environment = environmentOf("dxf", { DXF_HOST: "docker.io", DXF_TOKEN: token });
      await ok("dxf push-blob alice/dxf file.txt @one", environment);
      assert.equal(await ok("dxf list-aliases alice/dxf", environment), "one\n");
      assert.equal(await ok("dxf pull-blob alice/dxf @one", environment), "hi\n");
    });

    test("Docker Hub's commands: sign in, create, describe, list, search, protect, delete", async () => {
      const bob = environmentOf("bob");
      await signIn("hub login", "bob");
      assert.match(await ok("hub whoami", bob), /^bob \(wharf hub login/);
      await ok("hub repositories create bob/shed --description Tools", bob);
      await ok("hub describe bob/shed --readme README.md --short Tidy", bob);
      assert.match(await ok("hub repositories get bob/shed", bob), /Tidy/);
      assert.match(await ok("hub repositories list bob", bob), /bob\/shed/);
      assert.match(await ok("search hello", bob), /official/);
      await signIn("login", "bob");
      for (const tag of ["v1", "v2"]) await ok(`copy hello bob/shed:${tag}`, bob);
      assert.match(await ok("hub tags bob/shed", bob), /linux\/amd64/);
      await ok("hub delete-tags bob/shed --keep-newest 1 --yes", bob);
      assert.equal((await ok("tags bob/shed", bob)).trim().split("\n").length, 1);
      await ok("hub repositories delete bob/shed --yes", bob);
      assert.equal((await wharf(["tags", "bob/shed"], { environment: bob })).status, 4);
      await ok("hub logout", bob);
      assert.match(
        await ok("hub pull-limit get --json", bob),
        /"ratelimit-limit":\s*"200;w=21600"/,
      );
    });

    test("the library, and the names of docker-hub-api", async () => {
      // A file, because both read the environment of their process.
      const entrance = (name: string) => JSON.stringify(join(root, "src", name));
      await writeFile(
        join(folder, "program.ts"),
        `import { createHub } from ${entrance("entrance/hub.ts")};
import { connect } from ${entrance("entrance/registry.ts")};
import { login, loggedInUser, repository, tags } from ${entrance("compat/dockerHubApi.ts")};
const hub = createHub({ credentials: { kind: "secret", identifier: "dave", secret: "dave-password" } });
const registry = connect("docker.io");
const found: string[] = [];
for await (const tag of registry.repository("library/hello").listTags()) found.push(tag);
await login("dave", "dave-password");
console.log(JSON.stringify({
  who: await hub.whoami(),
  hello: (await hub.repositories.get({ namespace: "library", repository: "hello" })).description,
  limit: (await hub.pullLimit.get())["ratelimit-limit"],
  found,
  compat: [(await loggedInUser()).username, (await repository("library", "hello")).name, (await tags("library", "hello")).length],
}));
await hub.close();
await registry.close();
`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "program.ts")], {
        env: cleanEnvironment(environmentOf("dave")),
      });
      assert.deepEqual(JSON.parse(stdout), {
        who: "dave",
        hello: "Says hello from the wharf",
        limit: "200;w=21600",
        found: ["1", "1.0", "latest"],
        compat: ["dave", "hello", 3],
      });
    });

    test("skopeo signs in, copies and lists", { skip: skopeo.skip }, async () => {
      const { host } = sandbox;
      const environment = { REGISTRY_AUTH_FILE: join(folder, "skopeo.json") };
      const run = (...words: string[]) => skopeo.run(words, { environment });
      await skopeo.run(["login", "--tls-verify=false", "-u", "alice", "--password-stdin", host], {
        environment,
        stdin: "alice-password",
      });
      const copied = `docker://${host}/alice/skopeo:v1`;
      await run(
        "copy",
        "--all",
        "--insecure-policy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        `docker://${host}/library/hello`,
        copied,
      );
      const repository = `docker://${host}/alice/skopeo`;
      assert.deepEqual(
        (JSON.parse(await run("list-tags", "--tls-verify=false", repository)) as { Tags: string[] })
          .Tags,
        ["v1"],
      );
      assert.match(await run("inspect", "--raw", "--tls-verify=false", copied), /arm64/);
    });

    // Crane takes no realm of a private address on another port than the registry's.
    if (!separate)
      test(
        "crane and regctl sign in, copy and list",
        { skip: skipWithout(crane, regctl) },
        async () => {
          const { host } = sandbox;
          const environment = {
            HOME: folder,
            DOCKER_CONFIG: join(folder, "crane"),
            REGCTL_CONFIG: join(folder, "regctl.json"),
          };
          const stdin = "alice-password";
          await crane.run(["auth", "login", host, "-u", "alice", "--password-stdin"], {
            environment,
            stdin,
          });
          await crane.run(["copy", `${host}/library/hello:latest`, `${host}/alice/crane:v1`], {
            environment,
          });
          assert.equal(await crane.run(["ls", `${host}/alice/crane`], { environment }), "v1\n");
          await regctl.run(["registry", "set", "--tls", "disabled", host], { environment });
          await regctl.run(["registry", "login", host, "-u", "alice", "--pass-stdin"], {
            environment,
            stdin,
          });
          await regctl.run(["image", "copy", `${host}/library/hello`, `${host}/alice/regctl:v1`], {
            environment,
          });
          assert.equal(
            await regctl.run(["tag", "ls", `${host}/alice/regctl`], { environment }),
            "v1\n",
          );
        },
      );
  });
