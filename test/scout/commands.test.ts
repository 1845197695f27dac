/** Docker Scout at a shell: every operation by words, and what people type by hand, against a server that answers as told. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";

import { scoutOutlines } from "../../scripts/hub-outlines.ts";
import { nameOf } from "../../src/cli/hub/commands.ts";
import type { Outline } from "../../src/cli/hub/outline.ts";
import { outlines } from "../../src/cli/scout/operations.ts";
import { dryRun } from "../hub/dry-run.ts";
import { wharf } from "../wharf.ts";
import fixtures from "./fixtures.ts";
import { digest, image, other } from "./parts.ts";

test("src/cli/scout/operations.ts is what the catalogue says", async () => {
  const { outlines: made } = (await import(
    `data:text/javascript,${encodeURIComponent(
      scoutOutlines()
        .replace(/^import .*$/m, "")
        .replace(" as readonly Outline[]", ""),
    )}`
  )) as { outlines: readonly Outline[] };
  assert.deepEqual(outlines, made, "run `npm run build` and commit what it writes");
});

describe("wharf", () => {
  for (const outline of outlines)
    test(nameOf(outline), () => dryRun(outline, fixtures[outline.id.replace("scout.", "")]));
});

describe("wharf scout", () => {
  const documents: string[] = [];
  let refusal: object | undefined;
  const arm = {
    ...image,
    digest: other,
    platform: { os: "linux", architecture: "arm64", variant: "v8" },
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    response.setHeader("content-type", "application/json");
    if (request.url === "/v2/acme/app/manifests/v1") {
      response.setHeader("docker-content-digest", other);
      response.setHeader("content-length", "2");
      response.setHeader("content-type", "application/vnd.oci.image.index.v1+json");
      return response.end();
    }
    if (request.url !== "/v1/graphql")
      return response.writeHead(request.url === "/v2/" ? 200 : 404).end("{}");
    const { query } = JSON.parse(text) as { query: string };
    documents.push(query);
    const [, verb = ""] = /^query (\w+)/.exec(query) ?? [];
    const answer =
      refusal ??
      (verb === "imageDetails"
        ? { data: { imageDetailsListByDigest: [image, arm] } }
        : (fixtures[verb]?.answer.body ?? { data: { done: true } }));
    return response.end(JSON.stringify(answer));
  });
  let environment: Record<string, string>;
  let host = "";

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    environment = {
      DOCKERHUB_URL: `http://${host}`,
      DOCKER_SCOUT_URL: `http://${host}`,
      DOCKERHUB_JWT: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqb24iLCJleHAiOjQwMDAwMDAwMDB9.sign",
    };
  });
  beforeEach(() => {
    documents.length = 0;
    refusal = undefined;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const scout = (words: string[], input?: string) =>
    wharf(["scout", ...words], { environment, ...(input !== undefined && { stdin: input }) });

  test("quickview counts by severity, platform by platform", async () => {
    const { status, stdout, stderr } = await scout(["quickview", `${host}/acme/app:v1`]);
    assert.equal(stderr, "");
    assert.equal(status, 0);
    const [title, first, second] = stdout.trimEnd().split("\n");
    assert.match(title!, /^REPOSITORY +PLATFORM +C +H +M +L +\? +PACKAGES +SIZE +BASE$/);
    assert.match(
      first!,
      /^library\/nginx +linux\/amd64 +1 +2 +3 +40 +0 +149 +64\.2 MiB +library\/debian:/,
    );
    assert.match(second!, /linux\/arm64\/v8/);
  });

  test("cves are listed, the worst first, of the platform asked for", async () => {
    const { status, stdout, stderr } = await scout(["cves", digest]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^SEVERITY +CVE +SCORE +PACKAGE +FIXED BY\nCRITICAL +CVE-2024-3094 +10\.0 +debian\/xz-utils 5\.6\.0-0\.1 +5\.6\.1\S*\nLOW +CVE-2011-3374 +3\.7 /,
    );
    assert.match(stderr, /1 critical, 0 high, 0 medium, 1 low, 0 unspecified/);
    const missing = await scout(["cves", `acme/app@${other}`, "--platform", "linux/s390x"]);
    assert.equal(missing.status, 4);
    assert.match(missing.stderr, /no image for linux\/s390x: linux\/amd64, linux\/arm64\/v8/);
  });

  test("a pipeline fails where something can be mended", async () => {
    const words = ["cves", digest, "--fixable", "--severity", "critical", "--exit-code", "--json"];
    const { status, stdout } = await scout(words);
    assert.equal(status, 1);
    const { counts, findings, platform } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(counts, { critical: 1, high: 0, medium: 0, low: 0, unspecified: 0 });
    assert.equal((findings as unknown[]).length, 1);
    assert.equal(platform, "linux/amd64");
    assert.equal((await scout(["cves", digest, "--severity", "high", "--exit-code"])).status, 0);
    assert.equal((await scout(["cves", digest, "--severity", "huge"])).status, 2);
  });

  test("a document of one's own is sent, and a mutation is not while nobody agrees", async () => {
    const { status, stdout } = await scout(["query", "-"], "{ done }");
    assert.deepEqual([status, JSON.parse(stdout)], [0, { done: true }]);
    documents.length = 0;
    const mutation = "mutation { dismissAllNotifications }";
    const refused = await scout(["query", "-"], mutation);
    assert.equal(refused.status, 2);
    assert.deepEqual(documents, []);
    assert.equal((await scout(["query", "-", "--yes"], mutation)).status, 0);
    assert.deepEqual(documents, [mutation]);
    assert.equal((await scout(["query", "-"], "query {")).status, 2);
  });

  test("an operation is a table, and a list says how much more there is", async () => {
    const { stdout } = await scout(["stream-cves", "acme", "production"]);
    assert.match(stdout, /^CVE +SEVERITY +IMAGES +FIXABLE\nCVE-2024-3094 +CRITICAL +3 +yes\n$/);
    const { stdout: mirrors } = await scout(["mirrors", "acme"]);
    assert.match(mirrors, /^MIRROR +OF +ID\nacme\/dhi-python +dhi\/python +m1\n$/);
  });

  test("what the plan does not include is told so", async () => {
    refusal = { data: null, errors: [{ message: "over the limit", extensions: { status: 402 } }] };
    const { status, stderr } = await scout(["policies", "acme"]);
    assert.equal(status, 13);
    assert.match(stderr, /^wharf: Docker Scout: over the limit \(402\)\n +Look at the plan/);
  });

  test("nobody is told of a command that is not there without one that is", async () => {
    const { status, stderr } = await scout(["cvs", digest]);
    assert.equal(status, 2);
    assert.match(stderr, /scout cves|scout cve/);
  });
});
