/** A program written for the npm package docker-hub-api, with another import. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { after, before, beforeEach, describe, test } from "node:test";

import * as api from "../../src/compat/dockerHubApi.ts";

interface Arrived {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** All 36 names of that package. */
const names =
  `loggedInUser registrySettings login setLoginToken setCacheOptions user repositories repositoriesStarred
  repository buildLinks buildSettings buildTrigger buildTriggerHistory collaborators deleteRepository starRepository
  unstarRepository comments tags buildHistory webhooks addCollaborator deleteCollaborator buildDetails createBuildLink
  deleteBuildLink deleteBuildTag deleteWebhook createWebhook createRepository createAutomatedBuild createBuildTag
  triggerBuild setRepositoryDescription createWebhookHook saveBuildTag`.split(/\s+/);

describe("a program for docker-hub-api", () => {
  let log: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method, url = "", headers } = request;
    log.push({
      request: `${method} ${url}`,
      authorization: headers.authorization,
      body: text === "" ? undefined : JSON.parse(text),
    });
    const path = url.split("?")[0] ?? "";
    const list = { count: 1, next: null, previous: null, results: [] };
    const answer =
      path === "/v2/users/login"
        ? { token: "a.jwt.here" }
        : path.endsWith("repositories/") && path.startsWith("/v2/users/")
          ? [{ namespace: "me", name: "app" }]
          : path === "/v2/user/"
            ? { id: "1", username: "me" }
            : path.endsWith("/trigger-build/")
              ? []
              : { ...list, name: "app", namespace: "me", user: "you" };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env["DOCKERHUB_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    api.setCacheOptions({ enabled: true, time: 300 });
    log = [];
  });
  after(async () => {
    delete process.env["DOCKERHUB_URL"];
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("it finds all 36 names, by import and by require", () => {
    assert.equal(names.length, 36);
    for (const name of names) assert.equal(typeof api[name as keyof typeof api], "function", name);
    const required = createRequire(import.meta.url)(
      "../../src/compat/dockerHubApi.ts",
    ) as typeof api;
    assert.equal(required.login, api.login);
  });

  test("it signs in, and everything after goes with the token", async () => {
    assert.equal((await api.login("me", "for a test")).token, "a.jwt.here");
    assert.equal((await api.loggedInUser()).username, "me");
    await api.registrySettings();
    assert.deepEqual(
      log.map(({ request }) => request),
      ["POST /v2/users/login", "GET /v2/user/", "GET /v2/users/me/registry-settings/"],
    );
    assert.equal(log[1]?.authorization, "Bearer a.jwt.here");
    api.setLoginToken("another.jwt.here");
    await api.loggedInUser();
    assert.equal(log.at(-1)?.authorization, "Bearer another.jwt.here");
  });

  test("lists are bare arrays, of pages as asked for, and library is meant where nobody is named", async () => {
    assert.deepEqual(await api.repositories("Me"), [{ namespace: "me", name: "app" }]);
    assert.deepEqual(await api.tags("_", "nginx", { perPage: 10, page: 4 }), []);
    assert.deepEqual(await api.comments(undefined, "nginx"), []);
    assert.deepEqual(
      log.map(({ request }) => request),
      [
        "GET /v2/users/me/repositories/",
        "GET /v2/repositories/library/nginx/tags/?page=4&page_size=10",
        "GET /v2/repositories/library/nginx/comments/?page=1&page_size=100",
      ],
    );
  });

  test("the same question is asked once, until something changes or the time is over", async () => {
    await api.repository("me", "app");
    await api.repository("me", "app");
    assert.equal(log.length, 1);
    assert.equal(await api.starRepository("me", "app"), undefined);
    await api.repository("me", "app");
    assert.equal(log.length, 3);
    api.setCacheOptions({ enabled: false });
    await api.repository("me", "app");
    await api.repository("me", "app");
    assert.equal(log.length, 5);
    api.setCacheOptions({ enabled: true, time: 0 });
    await api.repository("me", "app");
    await api.repository("me", "app");
    assert.equal(log.length, 7);
  });

  test("what is left out has the values it had there", async () => {
    await api.createBuildTag("me", "app");
    await api.saveBuildTag("me", "app", 7);
    await api.triggerBuild("me", "app");
    await api.createAutomatedBuild("me", "app", { provider: "github", vcs_repo_name: "me/app" });
    await api.createBuildLink("me", "app", "alpine");
    const built = { dockerfile_location: "/", source_type: "Branch", source_name: "master" };
    assert.deepEqual(
      log.map(({ body }) => body),
      [
        { namespace: "me", repoName: "app", isNew: true, name: "latest", ...built },
        { id: 7, name: "latest", ...built },
        built,
        {
          namespace: "me",
          name: "app",
          dockerhub_repo_name: "me/app",
          active: true,
          is_private: false,
          description: "",
          provider: "github",
          vcs_repo_name: "me/app",
          build_tags: [{ name: "latest", ...built }],
        },
        { to_repo: "library/alpine" },
      ],
    );
  });

  test("it deletes without being asked again, and resolves to nothing", async () => {
    for (const deleted of [
      api.deleteRepository("me", "app"),
      api.unstarRepository("me", "app"),
      api.deleteCollaborator("me", "app", "you"),
      api.deleteWebhook("me", "app", 1),
      api.deleteBuildLink("me", "app", 1),
      api.deleteBuildTag("me", "app", 1),
    ])
      assert.equal(await deleted, undefined);
    const described = await api.setRepositoryDescription("me", "app", { short: "s", full: "f" });
    assert.equal(described.name, "app");
    assert.deepEqual(log.at(-1)?.body, { description: "s", full_description: "f" });
  });
});
