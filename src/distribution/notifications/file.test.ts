import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { endpointOf, named, parseEndpoints, readEndpoints } from "./file.ts";

test("the block of distribution's own configuration is read, and nothing else of it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-endpoints-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "config.yml");
  await writeFile(
    file,
    `version: 0.1
storage: { filesystem: { rootdirectory: /var/lib/registry } }
notifications:
  events:
    includereferences: false
  endpoints:
    - name: alistener
      disabled: false
      url: https://my.listener.com/event
      headers:
        Authorization: [Bearer abc]
        X-Several: [one, two]
      timeout: 1s
      threshold: 10
      backoff: 500ms
      ignoredmediatypes: [application/octet-stream]
      ignore:
        mediatypes: [text/plain]
        actions: [pull]
    - name: off
      disabled: true
      url: https://off.example.com
`,
  );
  assert.deepEqual(await readEndpoints(file), [
    {
      name: "alistener",
      url: new URL("https://my.listener.com/event"),
      headers: { authorization: "Bearer abc", "x-several": "one, two" },
      timeout: 1000,
      threshold: 10,
      backoff: 500,
      ignore: { actions: ["pull"], mediaTypes: ["text/plain", "application/octet-stream"] },
      only: {},
    },
  ]);
});

test("a file of endpoints alone will do, with what distribution has not", () => {
  const only = { actions: ["push", "delete"], repositories: ["team/**", "!team/secret"] };
  const endpoints = [{ url: "http://localhost:9000/", queue: 50, only }];
  const [endpoint] = parseEndpoints({ endpoints }, "x.yaml");
  assert.equal(endpoint!.name, "localhost:9000");
  assert.equal(endpoint!.queue, 50);
  assert.deepEqual(endpoint!.only, only);
});

test("every complaint names its field, and shows no secret", () => {
  const url = "https://ci.example.com/secret";
  for (const [endpoint, message] of [
    [{}, "x.yaml: endpoints[0].url: must be an address such as https://ci.example.com/hook"],
    [
      { url: "ftp://user:secret@host/" },
      "x.yaml: endpoints[0].url: must be an address such as https://ci.example.com/hook",
    ],
    [{ url, header: {} }, 'x.yaml: endpoints[0]: "header" is not known. Did you mean headers?'],
    [
      { url, headers: { Authorization: ["secret\nX: y"] } },
      "x.yaml: endpoints[0].headers.Authorization: must be text, or a list of texts, of one line",
    ],
    [
      { url, headers: { Authorization: [{ secret: 1 }] } },
      "x.yaml: endpoints[0].headers.Authorization: must be text, or a list of texts, of one line",
    ],
    [
      { url, headers: { "a b": "secret" } },
      'x.yaml: endpoints[0].headers: "a b" is no name of a header field',
    ],
    [
      { url, ignore: { actions: ["pul"] } },
      "x.yaml: endpoints[0].ignore.actions: must be a list of pull, push, mount, delete, not a list",
    ],
    [
      { url, only: { repositories: ["Team/*"] } },
      "x.yaml: endpoints[0].only.repositories: must be a list of patterns such as team-a/** (Team/* must be lower case, as repositories are), not a list",
    ],
    [
      { url, timeout: "soon" },
      'x.yaml: endpoints[0].timeout: must be a time such as "500ms", "30s" or "2m", or a number of seconds, not "soon"',
    ],
  ] as const)
    assert.throws(() => parseEndpoints({ endpoints: [endpoint] }, "x.yaml"), {
      code: "CONFIG_INVALID",
      message,
    });
  assert.throws(() => parseEndpoints({ endpoints: [] }, "x.yaml"), /must be a list of 1 to 100/);
  assert.throws(
    () =>
      parseEndpoints(
        { notifications: { endpoints: [{ url }], events: { includereferences: true } } },
        "x.yaml",
      ),
    /includereferences: cannot be done; leave it out/,
  );
});

test("user and password of an address become a header field", () => {
  const { url, headers } = endpointOf("https://ci:s%40cret@ci.example.com/hook#x")!;
  assert.equal(url.href, "https://ci.example.com/hook");
  assert.deepEqual(headers, { authorization: `Basic ${btoa("ci:s@cret")}` });
  assert.deepEqual(endpointOf("http://100%@ci/")!.headers, {
    authorization: `Basic ${btoa("100%:")}`,
  });
  for (const wrong of ["ci.example.com/hook", "ftp://ci/", "", "http://"])
    assert.equal(endpointOf(wrong), undefined, wrong);
});

test("endpoints without a name are called by their host, each its own way", () => {
  const endpoints = ["https://a/1", "https://a/2", "https://b/"].map((url) => ({
    url: new URL(url),
  }));
  assert.deepEqual(
    named([...endpoints, { name: "a 2", url: new URL("https://c") }]).map(({ name }) => name),
    ["a", "a 3", "b", "a 2"],
  );
});
