/** No operation only echoes: what each does, or shows, is seen through a different one. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { catalogue, type Hub } from "../../src/entrance/hub.ts";
import { entries } from "../../src/operation.ts";
import { missingBehaviours } from "../../src/sandbox/hub/hub.ts";
import { accounts } from "./effects/accounts.ts";
import { content } from "./effects/content.ts";
import { directory } from "./effects/directory.ts";
import { events } from "./effects/events.ts";
import { organizations } from "./effects/organizations.ts";
import { publishers } from "./effects/publishers.ts";
import { repositories } from "./effects/repositories.ts";
import { stage } from "./stage.ts";

const scenarios = {
  ...accounts,
  ...repositories,
  ...content,
  ...organizations,
  ...events,
  ...publishers,
  ...directory,
};
const missing = missingBehaviours();

for (const [name, { shows, run }] of Object.entries(scenarios))
  test(name, async (context) => {
    const at = await stage(context);
    const called = new Set<string>();
    await run({ ...at, as: (who) => watched(at.as(who), called) });
    for (const id of shows) {
      assert(called.has(id), `${id} is not called`);
      assert(
        [...called].some((other) => other !== id),
        `${id} is seen through itself only`,
      );
    }
  });

test("there is a scenario for every operation", () => {
  const shown = new Set(Object.values(scenarios).flatMap(({ shows }) => shows));
  for (const { id, operation } of entries(catalogue))
    if (operation.retired === undefined && !missing.includes(id))
      assert(shown.has(id), `nothing shows what ${id} does`);
});

/** A client that notes which operations are called. */
function watched(hub: Hub, called: Set<string>): Hub {
  return new Proxy(hub, {
    get(target, area: string) {
      const value: unknown = Reflect.get(target, area);
      if (typeof value !== "object" || value === null) return value;
      return new Proxy(value, {
        get(verbs, verb: string) {
          called.add(`${area}.${verb}`);
          return Reflect.get(verbs, verb) as unknown;
        },
      });
    },
  });
}
