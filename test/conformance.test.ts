/** The official conformance suites of the distribution specification, against our server. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { serveFor, stores } from "./conformance/registry.ts";
import { alwaysSkipped, newest, released, runNewest, runReleased } from "./conformance/suites.ts";

for (const store of Object.keys(stores) as (keyof typeof stores)[]) {
  for (const version of ["1.1", "dev"] as const)
    test(
      `the newest suite, version ${version}, over ${store}`,
      { skip: newest.skip },
      async (t) => {
        const registry = await serveFor(store);
        t.after(registry.close);
        const { passed, ...others } = await runNewest(registry.url, version, registry.folder);
        assert.deepEqual([others, registry.failures], [{ failed: [], left: [] }, []]);
        assert(passed > 900, `only ${passed} tests were run`);
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
