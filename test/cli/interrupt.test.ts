/** Ctrl-C: ends cleanly, says how to go on, and going on works. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, suite, test, type TestContext } from "node:test";

import { type Pair, type Reply, startScriptedServer } from "../scripted-server.ts";
import { serveRegistry, spawnWharf, wharf, wharfOk } from "../wharf.ts";
import { cargo, firstLine, temporaryFolder } from "./stage.ts";
import { onTerminal, plain, terminal } from "./terminal.ts";

const image = cargo();
const { digest } = image.root;
/** The layer in whose middle everything stops: the last to be asked for. */
const slow = image.blobs.find(({ descriptor }) => descriptor.size === 200_000)!.descriptor;

let target: Awaited<ReturnType<typeof serveRegistry>>;
before(async () => {
  target = await serveRegistry("unused", ["--memory"]);
});
after(() => target.close());

/** A registry with the image that stops in the middle of a layer, once. */
async function serveSlowly(t: TestContext) {
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const script: Pair[] = [];
  for (const { descriptor, bytes, tag } of image.manifests) {
    const headers = { "content-type": descriptor.mediaType };
    for (const name of [descriptor.digest, ...(tag ? [tag] : [])])
      for (const method of ["GET", "HEAD"])
        script.push({
          request: { method, path: `/v2/app/manifests/${name}` },
          answer: {
            headers: { ...headers, "docker-content-digest": descriptor.digest },
            body: bytes,
          },
        });
  }
  for (const { descriptor, source } of image.blobs) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await source.open(0)) chunks.push(chunk.slice());
    const body = Buffer.concat(chunks);
    const path = `/v2/app/blobs/${descriptor.digest}`;
    if (descriptor.digest === slow.digest)
      script.push({
        request: { method: "GET", path },
        times: 1,
        answer() {
          stop();
          return { body, fault: "stall", headers: { "accept-ranges": "bytes" } };
        },
      });
    script.push({
      request: { method: "GET", path },
      answer({ headers }): Reply {
        const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
        const range = `bytes ${from}-${body.length - 1}/${body.length}`;
        return from === 0
          ? { body, headers: { "accept-ranges": "bytes" } }
          : { status: 206, body: body.subarray(from), headers: { "content-range": range } };
      },
    });
    script.push({
      request: { method: "HEAD", path },
      answer: { headers: { "content-length": String(body.length), "accept-ranges": "bytes" } },
    });
  }
  for (const method of ["GET", "HEAD"])
    script.push({ request: { method, path: /./ }, answer: { status: 404 } });
  const server = await startScriptedServer(script);
  t.after(() => server.close());
  const fetched = () =>
    server.requests.filter(({ method, path }) => method === "GET" && path.includes("/blobs/"));
  return { app: `${server.host}/app:1.0`, stopped, fetched };
}

async function ending(child: ChildProcess) {
  let stderr = "";
  child.stderr!.on("data", (data: Buffer) => (stderr += data.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stderr };
}

/** Waits for something that is to happen while the process runs. */
async function during(end: ReturnType<typeof ending>, ...happened: Promise<void>[]) {
  const early = end.then(({ stderr }) => assert.fail(`it ended before: ${stderr}`));
  await Promise.race([Promise.all(happened), early]);
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  test(`${signal} in a copy: it says how to go on, and the same again goes on`, async (t) => {
    const { app, stopped, fetched } = await serveSlowly(t);
    const words = ["copy", app, `${target.host}/${signal.toLowerCase()}`, "--json"];
    const child = spawnWharf([...words, "--jobs=2"]);
    const end = ending(child);
    let said = "";
    const oneIsDone = new Promise<void>((resolve) =>
      child.stdout.on("data", (data: Buffer) => {
        said += data.toString();
        if (/"type":"blob","state":"copied"/.test(said)) resolve();
      }),
    );
    await during(end, stopped, oneIsDone);
    child.kill(signal);
    const { status, stderr } = await end;
    assert.equal(status, 130);
    const { error } = JSON.parse(stderr) as { error: { code: string; hint: string } };
    assert.equal(error.code, "INTERRUPTED");
    assert.equal(error.hint, "Run the same again to go on: what was copied whole is kept.");

    const [, done] = /"state":"copied","content":\{[^}]*"digest":"(sha256:\w+)"/.exec(said)!;
    const before = fetched().length;
    await wharfOk(words);
    assert.equal((await wharfOk(["digest", words[2]!.concat(":1.0")])).stdout.trim(), digest);
    const again = fetched().slice(before);
    assert.ok(again.some(({ path }) => path.endsWith(slow.digest)));
    assert.ok(
      !again.some(({ path }) => path.endsWith(done!)),
      "what was copied is not fetched again",
    );
  });

test("Ctrl-C in a copy to an archive leaves no file behind", async (t) => {
  const folder = temporaryFolder();
  const { app, stopped } = await serveSlowly(t);
  const child = spawnWharf(["copy", app, "oci-archive:image.tar"], { cwd: folder });
  const end = ending(child);
  await during(end, stopped);
  child.kill("SIGINT");
  const { status, stderr } = await end;
  assert.equal(status, 130);
  assert.match(
    stderr,
    /^wharf: Interrupted.*\n {7}Run the same again: this kind of target is written in one go\.\n$/,
  );
  assert.deepEqual(readdirSync(folder), []);
  await wharfOk(["copy", app, "oci-archive:image.tar"], { cwd: folder });
});

test("Ctrl-C in a copy to a layout, and on", async (t) => {
  const folder = temporaryFolder();
  const { app, stopped } = await serveSlowly(t);
  const child = spawnWharf(["copy", app, "oci:layout:1"], { cwd: folder });
  const end = ending(child);
  await during(end, stopped);
  child.kill("SIGINT");
  const { status, stderr } = await end;
  assert.equal(status, 130);
  assert.match(stderr, /Run the same again to go on/);
  assert.equal((await wharf(["digest", "oci:layout:1"], { cwd: folder })).status, 4);
  await wharfOk(["copy", app, "oci:layout:1"], { cwd: folder });
  assert.equal((await wharfOk(["digest", "oci:layout:1"], { cwd: folder })).stdout.trim(), digest);
});

test("Ctrl-C in a download, and on where it was", async (t) => {
  const folder = temporaryFolder();
  const { app, stopped, fetched } = await serveSlowly(t);
  const words = ["blob", "get", `${app.replace(/:1\.0$/, "")}@${slow.digest}`, "-o", "layer"];
  const child = spawnWharf(words, { cwd: folder });
  const end = ending(child);
  await during(end, stopped);
  child.kill("SIGINT");
  const { status, stderr } = await end;
  assert.equal(status, 130);
  assert.equal(stderr, "wharf: Interrupted\n       Run the same again: it goes on where it was.\n");
  const { stderr: note } = await wharfOk(words, { cwd: folder });
  const from = fetched().at(-1)!.headers.range;
  // What had come may be anything from nothing to the half that was sent.
  if (from !== undefined) assert.match(note, /^Went on from .*B of an earlier download\n$/);
  assert.equal(readFileSync(join(folder, "layer")).length, slow.size);
});

test("Ctrl-C ends a copy also where the target neither reads nor answers", async (t) => {
  const { app } = await serveSlowly(t);
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const deaf = await startScriptedServer([
    { request: { method: "HEAD", path: /./ }, answer: { status: 404 } },
    { request: { method: "GET", path: /./ }, answer: { status: 404 } },
    {
      request: { method: "POST", path: /uploads/ },
      answer() {
        begin();
        return { status: 202, headers: { location: "/v2/x/blobs/uploads/1" } };
      },
    },
    { request: { method: "PUT", path: /./ }, answer: { fault: "deaf" } },
    { request: { method: "PATCH", path: /./ }, answer: { fault: "deaf" } },
    { request: { method: "DELETE", path: /./ }, answer: { fault: "silence" } },
  ]);
  t.after(() => deaf.close());
  const child = spawnWharf(["copy", app, `${deaf.host}/x`]);
  const end = ending(child);
  await during(end, begun);
  child.kill("SIGINT");
  assert.equal((await end).status, 130);
});

test("a second Ctrl-C ends at once", async () => {
  const child = spawnWharf(["registry", "serve", "--memory", "--port=0"]);
  const end = ending(child);
  const url = new URL(/http:\S+/.exec(await firstLine(child))![0]);
  // A request that never comes to its end: the server waits for it.
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => {});
  socket.write(
    `PUT /v2/x/manifests/1 HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n`,
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 100 /);
  child.kill("SIGINT");
  const [note] = (await once(child.stderr, "data")) as [Buffer];
  assert.equal(note.toString(), "Ending after running requests; Ctrl-C again ends at once\n");
  child.kill("SIGINT");
  assert.equal((await end).status, 130);
  socket.destroy();
});

suite("on a terminal", { skip: terminal.skip }, () => {
  test("bars show parts, sum, rate and time left; Ctrl-C takes them away", async (t) => {
    const { app } = await serveSlowly(t);
    const { status, text } = await onTerminal(["copy", app, `${target.host}/bars`, "--jobs=1"], {
      // The first picture may be older than the first bytes.
      steps: [{ after: /\[=+ +\] .*\d KiB of .*KiB\/s, .* left/s, type: "\x03" }],
    });
    assert.equal(status, 130);
    const label = slow.digest.slice(7, 19);
    assert.match(text, new RegExp(`${label} \\[=+ +\\] +\\d+% of +195\\.3 KiB`));
    assert.match(text, /\d+\.\d KiB of \d+\.\d KiB at \d+\.\d KiB\/s, .* left/);
    const [, end] = /^(.*)$/s.exec(text.slice(text.lastIndexOf("\u001b[0J") + 4))!;
    assert.match(
      plain(end!),
      /^wharf: Interrupted after \S+ KiB of \S+ KiB\n {7}Run the same again to go on: .*\n$/,
    );
    // Lines must fit, or drawing over them goes wrong.
    // oxlint-disable-next-line no-control-regex
    for (const line of text.replaceAll(/\u001b\[[0-9;]*\w/g, "").split("\n"))
      assert.ok(line.length < 80 || line.startsWith(" "), line);
  });
});
