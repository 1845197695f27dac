/** The official conformance suites of the distribution specification, against our server. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { stripVTControlCharacters } from "node:util";

import type { RegistryOptions } from "../src/distribution/exchange.ts";
import { startServer } from "../src/server/server.ts";
import { openCollection } from "../src/store/collection/collection.ts";
import { createMemoryCollection } from "../src/store/memory.ts";
import { tool } from "./tools.ts";

const newest = tool(
  "oci-conformance",
  "build the folder conformance of github.com/opencontainers/distribution-spec, branch main",
);
const released = tool(
  "oci-conformance-1.1",
  "build the tests in conformance of github.com/opencontainers/distribution-spec, tag v1.1.1",
);

/** What a registry may be served from. */
const collections = {
  memory: async () => createMemoryCollection(),
  disk: (folder: string) => openCollection(join(folder, "registry")),
};

async function start(
  t: TestContext,
  kind: keyof typeof collections,
  options: RegistryOptions = {},
) {
  const folder = await mkdtemp(join(tmpdir(), "wharf-conformance-"));
  const collection = await collections[kind](folder);
  const failures: unknown[] = [];
  const server = await startServer({
    ...options,
    collection,
    port: 0,
    onFailure: (failure) => failures.push(failure),
  });
  t.after(async () => {
    await server.close();
    await collection.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, server, failures };
}

for (const kind of ["memory", "disk"] as const) {
  for (const version of ["1.1", "dev"])
    test(`the newest suite, version ${version}, over ${kind}`, { skip: newest.skip }, async (t) => {
      const { folder, server, failures } = await start(t, kind, { sparseImages: true });
      await newest.run([], {
        cwd: folder,
        environment: {
          OCI_REGISTRY: `localhost:${server.port}`,
          OCI_TLS: "disabled",
          OCI_VERSION: version,
          // What the suite leaves out unless it is asked.
          OCI_DATA_SPARSE: "true",
        },
      });
      const { tests, ...others } = await counts(join(folder, "results", "junit.xml"));
      assert.deepEqual([others, failures], [{ failures: 0, errors: 0, skipped: 0 }, []]);
      assert(tests > 800, `only ${tests} tests were run`);
    });

  test(`the suite of release 1.1 over ${kind}`, { skip: released.skip }, async (t) => {
    const { folder, server, failures } = await start(t, kind);
    const said = await released.run([], {
      cwd: folder,
      environment: {
        OCI_ROOT_URL: server.url,
        OCI_NAMESPACE: "conformance/one",
        OCI_CROSSMOUNT_NAMESPACE: "conformance/two",
        OCI_AUTOMATIC_CROSSMOUNT: "1",
        OCI_TEST_PULL: "1",
        OCI_TEST_PUSH: "1",
        OCI_TEST_CONTENT_DISCOVERY: "1",
        OCI_TEST_CONTENT_MANAGEMENT: "1",
      },
    });
    // The four are about registries that refuse automatic mounts, or that were filled beforehand.
    const plain = stripVTControlCharacters(said);
    assert.match(plain, /75 Passed \| 0 Failed \| 0 Pending \| 4 Skipped/);
    assert.deepEqual(failures, []);
  });
}

/** The suite's own counts; what is none it leaves out. */
async function counts(file: string) {
  const suite = /<testsuite [^>]*>/.exec(await readFile(file, "utf8"))?.[0] ?? "";
  const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  return {
    tests: count("tests"),
    failures: count("failures"),
    errors: count("errors"),
    skipped: count("skipped"),
  };
}
