/** `wharf dxf` beside python-dxf: the same words to both, against our server and Debian's. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { digestOf } from "../src/reference/digest.ts";
import { dockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { Cargo, sha } from "./dxf/cargo.ts";
import {
  type Outcome,
  type Program,
  pythonDxf,
  type RunOptions,
  startPythonDxf,
  wharfDxf,
} from "./dxf/programs.ts";
import { everyBlob, type Row, rows } from "./dxf/rows.ts";
import { skipWithout } from "./tools.ts";
import { serveRegistry, wharfOk } from "./wharf.ts";

const folder = mkdtempSync(join(tmpdir(), "dxf-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "FILE"), "payload");
writeFileSync(join(folder, "EMPTY"), "");
const big = randomBytes(3_000_000);
writeFileSync(join(folder, "BIG"), big);

const skip = skipWithout(pythonDxf, dockerRegistry);
describe("wharf dxf beside python-dxf", { skip }, () => {
  let python: Awaited<ReturnType<typeof startPythonDxf>>;
  const hosts: Record<string, string> = {};
  const closing: (() => Promise<unknown>)[] = [];
  before(async () => {
    mkdirSync(join(folder, "data"));
    const [ours, debian] = await Promise.all([
      serveRegistry(join(folder, "data")),
      startDockerRegistry(),
    ]);
    python = await startPythonDxf(folder);
    hosts["our server"] = ours.host;
    hosts["docker-registry"] = debian.host;
    closing.push(ours.close, debian.close, python.close);
  });
  after(() => Promise.all(closing.map((close) => close())));

  const at =
    (program: Program, host: string) =>
    (words: string, options: RunOptions = {}) =>
      program.run(words.split(" "), {
        cwd: folder,
        ...options,
        environment: { DXF_HOST: host, DXF_INSECURE: "1", ...options.environment },
      });

  for (const registry of ["docker-registry", "our server"])
    test(`${registry}: every row of the table has the same output and status`, async () => {
      const host = hosts[registry]!;
      const repositories = ["table/one", "table/two"];
      const [theirs, ours] = repositories.map((repository) => new Cargo(host, repository));
      await Promise.all([theirs!.load(), ours!.load()]);
      const run = (program: Program, repository: string, row: Row) =>
        at(program, host)(row.words.replaceAll("REPO", repository), row);
      const differences: string[] = [];
      for (const row of rows) {
        if (row.only !== undefined && row.only !== registry) continue;
        const [expected, actual] = await Promise.all([
          run(python, repositories[0]!, row),
          run(wharfDxf, repositories[1]!, row),
        ]);
        try {
          compare(row, expected, actual, registry);
        } catch (error) {
          differences.push((error as Error).message);
        }
      }
      assert.equal(differences.join("\n\n"), "");
      assert.deepEqual(await ours!.state(everyBlob), await theirs!.state(everyBlob));
    });

  for (const registry of ["docker-registry", "our server"])
    test(`${registry}: each reads, names, mounts and deletes what the other has stored`, async () => {
      const host = hosts[registry]!;
      const pairs = [
        [python, wharfDxf],
        [wharfDxf, python],
      ] as const;
      for (const [number, [first, second]] of pairs.entries()) {
        const repo = `both/ways${number}`;
        const [one, two] = [at(first, host), at(second, host)];
        const ok = async (outcome: Promise<Outcome>) => {
          const { status, stdout, stderr } = await outcome;
          assert.equal(status, 0, stderr);
          return stdout;
        };
        const digest = (await ok(one(`push-blob ${repo} BIG @big`))).trim();
        assert.equal(digest, digestOf(big));
        assert.equal(await ok(two(`pull-blob ${repo} @big`)), big.toString("latin1"));
        assert.equal(await ok(two(`push-blob ${repo} BIG`)), `${digest}\n`);
        // The same bytes, so the same manifest: the names are one.
        const manifest = await ok(two(`set-alias ${repo} twin ${digest}`));
        assert.equal(await ok(one(`get-manifest ${repo} big`)), manifest);
        assert.equal(
          await ok(two(`mount-blob ${repo}/copy ${repo} ${digest} @there`)),
          `${digest}\n`,
        );
        assert.equal(
          await ok(one(`blob-size ${repo}/copy @there ${digest}`)),
          "3000000\n3000000\n",
        );
        assert.equal(await ok(two(`list-aliases ${repo}`)), await ok(one(`list-aliases ${repo}`)));
        assert.equal(await ok(two("list-repos")), await ok(one("list-repos")));
        assert.equal(await ok(one(`del-alias ${repo} twin`)), `${digest}\n`);
        assert.equal((await two(`get-alias ${repo} big`)).status, 2);
        assert.equal(await ok(two(`del-blob ${repo} ${digest}`)), "");
        assert.equal((await one(`blob-size ${repo} ${digest}`)).status, 2);
        assert.equal(await ok(one(`pull-blob ${repo}/copy @there`)), big.toString("latin1"));
        assert.equal(await ok(two(`del-blob ${repo}/copy @there`)), "");
        assert.equal((await one(`pull-blob ${repo}/copy @there`)).status, 2);
      }
    });

  test("wharf blob names what dxf reads, and reads what dxf has named", async () => {
    const host = hosts["docker-registry"]!;
    const theirs = at(python, host);
    const [digest, note] = [digestOf(big), sha("payload")];
    const repo = `${host}/friendly`;
    const here = { cwd: folder };
    const { stdout } = await wharfOk(["blob", "put", repo, "BIG", "--alias", "big"], here);
    assert.equal(stdout, `${digest}\n`);
    assert.equal((await theirs("get-alias friendly big")).stdout, `${digest}\n`);
    await theirs("push-blob friendly FILE");
    const set = await theirs(`set-alias friendly two ${note} ${digest}`);
    const listed = `${note}  7\n${digest}  3000000\n`;
    assert.equal((await wharfOk(["blob", "list", `${repo}:two`])).stdout, listed);
    // The same blobs under a name of ours are the same manifest.
    const named = await wharfOk(["blob", "alias", repo, "mine", note, "./BIG"], here);
    assert.equal(named.stdout, `${sha(set.stdout)}\n`);
  });

  test("both draw their bars alike", async () => {
    const host = hosts["our server"]!;
    const shape = (text: string) =>
      text.replaceAll(/\[[^\]]*\]/g, "[…]").replaceAll(/(\r[^\r\n]*)+(?=\r[^\r]*100%)/g, "\r…");
    const label = digestOf(big).slice(0, 8);
    for (const [number, program] of [python, wharfDxf].entries()) {
      const run = at(program, host);
      const wanted = { environment: { DXF_PROGRESS: "1" } };
      const bar = `\r…\r${label}: 100%|██████████| 3000000/3000000 […]\n`;
      const pushed = await run(`push-blob bars/of${number} BIG`, wanted);
      assert.match(
        pushed.stderr,
        new RegExp(`^\\r${label}:   0%\\| {10}\\| 0/3000000 \\[00:00<\\?`),
      );
      assert.equal(shape(pushed.stderr), bar);
      assert.equal((await run(`push-blob bars/of${number} BIG`, wanted)).stderr, "");
      const pulled = await run(`pull-blob bars/of${number} ${digestOf(big)}`, wanted);
      assert.equal(shape(pulled.stderr), bar);
      assert.equal(pulled.stdout, big.toString("latin1"));
      const unwanted = { environment: { DXF_PROGRESS: "0" } };
      const quiet = await run(`pull-blob bars/of${number} ${digestOf(big)}`, unwanted);
      assert.equal(quiet.stderr, "");
    }
  });
});

const phrases = ["Not Found", "too few arguments", "too many arguments", "invalid alias"];

function compare(row: Row, expected: Outcome, actual: Outcome, where: string): void {
  const name = `${where}: ${row.words} ${JSON.stringify(row.environment ?? {})}\n${expected.stderr.slice(-600)}\n${actual.stderr}`;
  if (row.mended !== undefined) {
    assert.equal(actual.status, row.mended, name);
    assert.notEqual(expected.status, row.mended, `mended there too: ${name}`);
    return;
  }
  assert.equal(actual.status, expected.status, name);
  // Debian's registry has an order of its own for the names of each repository.
  const shown = ({ stdout }: Outcome) =>
    row.words.startsWith("list-") ? stdout.split("\n").toSorted().join("\n") : stdout;
  assert.equal(shown(actual), shown(expected), name);
  assert.equal(actual.stderr === "", expected.stderr === "", name);
  for (const phrase of phrases) {
    // What is no name at all we do not ask a registry for.
    if (phrase === "Not Found" && row.only !== undefined) continue;
    if (expected.stderr.includes(phrase)) assert(actual.stderr.includes(phrase), name);
  }
  assert.doesNotMatch(actual.stderr, /INTERNAL|^\s+at /m, name);
}
