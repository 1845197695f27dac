/** The official conformance suites of the distribution specification, against our server. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openAccess } from "../src/distribution/access/access.ts";
import { createAuthority } from "./certificate.ts";
import { serveFor, type SuiteRegistry, stores } from "./conformance/registry.ts";
import {
  alwaysSkipped,
  type Counts,
  newest,
  released,
  runNewest,
  runReleased,
} from "./conformance/suites.ts";
import { htpasswd, user } from "./specification/access.ts";

for (const store of Object.keys(stores) as (keyof typeof stores)[]) {
  for (const version of ["1.1", "dev"] as const)
    test(
      `the newest suite, version ${version}, over ${store}`,
      { skip: newest.skip },
      async (t) => {
        const registry = await serveFor(store);
        t.after(registry.close);
        isWhole(await runNewest(registry.url, version, registry.folder), registry);
      },
    );

  test(`the suite of release 1.1 over ${store}`, { skip: released.skip }, async (t) => {
    const registry = await serveFor(store);
    t.after(registry.close);
    const { passed, failed, left } = await runReleased(registry.url, registry.folder);
    assert.deepEqual([failed, registry.failures], [[], []]);
    assert.deepEqual(left, Object.keys(alwaysSkipped));
    assert.equal(passed, 75);
  });
}

test("the newest suite over TLS, with a password", { skip: newest.skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-htpasswd-"));
  const passwords = join(folder, "htpasswd");
  await writeFile(passwords, htpasswd);
  const authority = createAuthority();
  await writeFile(join(folder, "ca.pem"), authority.cert);
  const access = await openAccess({ passwords });
  const registry = await serveFor("memory", { ...access, tls: authority.issue() });
  t.after(async () => {
    await registry.close();
    await access.close();
    await rm(folder, { recursive: true, force: true });
  });
  const counts = await runNewest(registry.url, "dev", registry.folder, {
    OCI_USERNAME: user.name,
    OCI_PASSWORD: user.password,
    SSL_CERT_FILE: join(folder, "ca.pem"),
  });
  isWhole(counts, registry);
});

/** Nothing failed, nothing was left out, and there was something. */
function isWhole({ passed, failed, left }: Counts, { failures }: SuiteRegistry): void {
  assert.deepEqual([failed.slice(0, 10), left, failures], [[], [], []]);
  assert(passed > 900, `only ${passed} tests were run`);
}
