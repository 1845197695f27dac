/** A registry that lets in who has a password: distribution-spec 1.1, "Error Codes"; RFC 7617. */
import assert from "node:assert/strict";

import { has, missing, refused, type Registry } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

/** The only one who is let in. */
export const user = { name: "alice", password: "of a test" } as const;

/** The line of `htpasswd -B` for that user. */
export const htpasswd = "alice:$2b$05$lnEDGJ.BU8jyDhhI7kjLU.DSCTUyl/rn.V29C4qeRnNUEtxVHHfvy\n";

const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`${user.name}:${password}`).toString("base64")}`,
});

/** Requests of every kind. */
const requests = (name: string) =>
  [
    ["GET", "/v2/"],
    ["GET", "/v2/_catalog"],
    ["GET", `/v2/${name}/tags/list`],
    ["GET", `/v2/${name}/manifests/latest`],
    ["HEAD", `/v2/${name}/blobs/${missing}`],
    ["POST", `/v2/${name}/blobs/uploads/`],
    ["PUT", `/v2/${name}/manifests/latest`],
    ["DELETE", `/v2/${name}/blobs/${missing}`],
  ] as const;

const ask = (
  registry: Registry,
  [method, path]: readonly [string, string],
  headers: Record<string, string>,
) => registry.request(method, path, { headers, ...(method !== "HEAD" && { body: "" }) });

export const access: Chapter = {
  title: "access",
  scenarios: {
    "who does not say who it is is asked, whatever it wants": async (registry, name) => {
      for (const request of requests(name)) {
        const answer = await ask(registry, request, {});
        has(answer, 401);
        assert.match(String(answer.headers["www-authenticate"]), /^Basic realm="/i);
        if (request[0] !== "HEAD") refused(answer, 401, "UNAUTHORIZED");
      }
    },
    "a wrong password is none": async (registry, name) => {
      for (const request of requests(name)) has(await ask(registry, request, basic("wrong")), 401);
      has(await ask(registry, ["GET", "/v2/"], { authorization: "Basic !" }), 400, 401);
      has(await ask(registry, ["GET", "/v2/"], { authorization: "Bearer abc" }), 400, 401);
    },
    "who has the password is let in": async (registry, name) => {
      const headers = basic(user.password);
      has(await ask(registry, ["GET", "/v2/"], headers), 200);
      has(await ask(registry, ["POST", `/v2/${name}/blobs/uploads/`], headers), 202);
      has(await ask(registry, ["GET", `/v2/${name}/blobs/${missing}`], headers), 404);
    },
  },
};
