/** Tags and manifests: what the registry holds and Hub tells of. */
import assert from "node:assert/strict";

import { emptyIndex, index, registryFor } from "../registry-calls.ts";
import { refused } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const api = { namespace: "harbour", repository: "api" };

export const content: Scenarios = {
  "a tag that was pushed is shown and listed, until it is deleted in Hub and gone from the registry":
    scenario(
      [
        "tags.list get check checkAny delete listLegacy getLegacy checkLegacy",
        "manifests.list",
        "repositories.get",
      ],
      async (at) => {
        const { tags, manifests, repositories } = at.as("alice");
        const call = await registryFor(at, "bob", "harbour/api");
        const bytes = await (await call("GET", "manifests/latest")).text();
        const before = await repositories.get(api);
        at.clock.now += 60_000;
        await call("PUT", "manifests/v9", bytes, index);
        const v9 = { ...api, tag: "v9" };
        const digest = (await call("HEAD", "manifests/v9")).headers.get("docker-content-digest");
        assert.deepEqual(
          [(await tags.get(v9)).digest, (await tags.getLegacy(v9)).digest],
          [digest, digest],
        );
        assert.deepEqual(
          [(await tags.list(api)).results[0]?.name, (await tags.listLegacy(api)).results[0]?.name],
          ["v9", "v9"],
        );
        assert.deepEqual([await tags.check(v9), await tags.checkLegacy(v9)], [true, true]);
        assert((await repositories.get(api)).last_updated! > before.last_updated!);
        const entry = (await manifests.list(api)).manifests?.find(
          (one) => one["digest"] === digest,
        );
        assert((entry!["tags"] as string[]).includes("v9"));
        await tags.delete(v9);
        assert.equal((await call("HEAD", "manifests/v9")).status, 404);
        assert.deepEqual([await tags.check(v9), await tags.checkLegacy(v9)], [false, false]);
        for (const { name } of (await tags.list(api)).results)
          await tags.delete({ ...api, tag: name! });
        assert.equal(await tags.checkAny(api), false);
      },
    ),

  "an immutable tag is neither deleted nor moved": scenario(
    ["immutableTags.update verify", "tags.delete", "repositories.get"],
    async (at) => {
      const { immutableTags, tags, repositories } = at.as("alice");
      const rules = { immutable_tags: true, immutable_tags_rules: ["v.*"] };
      const { tags: matching } = await immutableTags.verify({ ...api, regex: "v.*" });
      assert.deepEqual(matching, ["v1.2.0"]);
      await immutableTags.update({ ...api, ...rules });
      assert.equal((await repositories.get(api)).immutable_tags_settings?.enabled, true);
      await refused(tags.delete({ ...api, tag: "v1.2.0" }), "FORBIDDEN");
      const call = await registryFor(at, "bob", "harbour/api");
      assert.equal((await call("PUT", "manifests/v1.2.0", emptyIndex(), index)).status, 403);
      assert.equal((await call("PUT", "manifests/other", emptyIndex(), index)).status, 201);
    },
  ),

  "a pull counts for the repository and against the limit": scenario(
    ["pullLimit.get getToken", "repositories.get", "tags.get"],
    async (at) => {
      const dave = at.as("dave");
      const left = async () =>
        Number((await dave.pullLimit.get())["ratelimit-remaining"]!.split(";")[0]);
      const before = await left();
      const { token } = await dave.pullLimit.getToken();
      const preview = await fetch(`${at.sandbox.url}/v2/ratelimitpreview/test/manifests/latest`, {
        method: "HEAD",
        headers: { authorization: `Bearer ${token}` },
      });
      const said = preview.headers.get("ratelimit-remaining");
      assert.deepEqual([preview.status, said?.split(";")[0]], [200, String(before)]);
      const call = await registryFor(at, "dave", "library/hello");
      const hello = { namespace: "library", repository: "hello" };
      const { pull_count } = await dave.repositories.get(hello);
      const digest = (await dave.tags.get({ ...hello, tag: "latest" })).images![0]!.digest!;
      assert.equal((await call("GET", `manifests/${digest}`)).status, 200);
      assert.equal(await left(), before - 1);
      assert.equal((await dave.repositories.get(hello)).pull_count, pull_count! + 1);
    },
  ),
};
