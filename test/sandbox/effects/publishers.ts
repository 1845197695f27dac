/** What publishers see of pulls. */
import assert from "node:assert/strict";

import { registryFor } from "../registry-calls.ts";
import { refused } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const namespace = "harbour";
const api = { namespace, repository: "api" };
const start = "2026-05-01T00:00:00Z";

interface Figures {
  readonly pulls?: readonly { readonly start?: string; readonly pullCount?: number }[] | null;
}

/** Pulls of the month in which the tests are. */
const may = ({ pulls }: Figures) => pulls?.find((span) => span.start === start)?.pullCount ?? 0;

export const publishers: Scenarios = {
  "what is pulled at the registry is in all figures, and in a repository's count": scenario(
    ["analytics.getRepositoryPulls getManyRepositoriesPulls getNamespacePulls", "repositories.get"],
    async (at) => {
      const { analytics, repositories } = at.as("alice");
      const when = { timespan: "months", period: "last-2-months" } as const;
      const figures = async () => {
        const one = await analytics.getRepositoryPulls({ namespace, repo: "api", ...when });
        const { repos } = await analytics.getManyRepositoriesPulls({
          repos: ["harbour/api"],
          ...when,
        });
        const all = await analytics.getNamespacePulls({ namespace, group: "namespace", ...when });
        const { pull_count } = await repositories.get(api);
        return [may(one), may(repos!["harbour/api"]!), may(all), pull_count!];
      };
      const before = await figures();
      const call = await registryFor(at, "dave", "harbour/api", "pull");
      for (const tag of ["latest", "v1.2.0"])
        assert.equal((await call("GET", `manifests/${tag}`)).status, 200);
      assert.deepEqual(
        await figures(),
        before.map((count) => count + 2),
      );
    },
  ),

  "a month that is over has files for members, as long as something public was pulled in it":
    scenario(
      [
        "analytics.listYears listTimespans getTimespan listExportFiles",
        "analytics.listNamespaces listNamespaceMetadata getNamespace",
        "repositories.setPrivacy",
        "orgMembers.delete",
      ],
      async (at) => {
        const [alice, bob] = [at.as("alice"), at.as("bob")];
        const call = await registryFor(at, "dave", "harbour/api", "pull");
        assert.equal((await call("GET", "manifests/v1.2.0")).status, 200);
        at.clock.now = Date.parse("2026-06-01T00:00:00Z");
        const months = { namespace, year: 2026, timespantype: "months" } as const;
        assert.equal((await bob.analytics.listYears({ namespace })).years?.at(-1)?.year, 2026);
        assert.equal((await bob.analytics.listTimespans(months)).months?.at(-1)?.month, 5);
        assert.equal((await bob.analytics.getTimespan({ ...months, timespan: 5 })).month, 5);
        const file = async () => {
          const [metadata] = await bob.analytics.listNamespaceMetadata();
          const dataview = metadata!.datasets![0]!.views!.find((view) => view === "summary");
          const { data } = await bob.analytics.listExportFiles({
            ...months,
            timespan: 5,
            dataview: dataview as "summary",
          });
          return (await fetch(data![0]!.url!)).text();
        };
        assert.match(await file(), /^month,2026-05-01,harbour,api,v1\.2\.0,1,1,0,0$/m);
        await alice.repositories.setPrivacy({ ...api, is_private: true });
        await refused(file(), "NOT_FOUND");
        assert.deepEqual(await bob.analytics.listNamespaces(), { namespaces: [namespace] });
        assert.equal((await bob.analytics.getNamespace({ namespace })).namespace, namespace);
        await alice.orgMembers.delete({ org_name: namespace, username: "bob" });
        assert.deepEqual(await bob.analytics.listNamespaces(), { namespaces: [] });
        assert.deepEqual(await bob.analytics.listNamespaceMetadata(), []);
      },
    ),
};
