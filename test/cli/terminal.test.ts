/** What is different where a person sits at a terminal. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { serveRegistry, wharf, wharfOk } from "../wharf.ts";
import { cargo, push, temporaryFolder } from "./stage.ts";
import { onTerminal, plain, terminal } from "./terminal.ts";

const escape = "\u001b";

suite("on a terminal", { skip: terminal.skip }, () => {
  let server: Awaited<ReturnType<typeof serveRegistry>>;
  let app: string;
  const home = temporaryFolder();
  before(async () => {
    server = await serveRegistry("unused", ["--memory"]);
    app = `${server.host}/app`;
    await push(cargo(), server.host, "app");
  });
  after(() => server.close());

  test("headings are set off, and nowhere else", async () => {
    const { text } = await onTerminal(["inspect", `${app}:1.0`]);
    assert.ok(text.includes(`${escape}[1mPlatforms${escape}[22m\n`));
    const { stdout } = await wharfOk(["inspect", `${app}:1.0`], { environment: { NO_COLOR: "" } });
    assert.equal(plain(text), stdout);
  });

  test("NO_COLOR and TERM=dumb take colours away, FORCE_COLOR brings them into a pipe", async () => {
    for (const [name, value] of [
      ["NO_COLOR", "1"],
      ["TERM", "dumb"],
      ["FORCE_COLOR", "0"],
    ] as const) {
      const environment = { [name]: value };
      const { text } = await onTerminal(["tags", `${server.host}/none`], { environment });
      assert.ok(!text.includes(escape), name);
    }
    const environment = { NO_COLOR: "", FORCE_COLOR: "1" };
    const { stderr } = await wharf(["tags", `${server.host}/none`], { environment });
    assert.ok(stderr.startsWith(`${escape}[31mwharf:${escape}[39m GET `));
  });

  test("long lines are cut at the width of the terminal, digests never", async () => {
    const { text } = await onTerminal(["inspect", `${app}:1.0`], { columns: 120 });
    const lines = plain(text).split("\n");
    assert.ok(
      lines.some((line) => line.includes("application/vnd.dev.cosign.artifact.sig.v1+json")),
    );
  });

  test("deleting asks first, and only yes is yes", async () => {
    await wharfOk(["tag", `${app}:1.0`, "old"]);
    const after = /\[y\/N\] /;
    const no = await onTerminal(["delete", `${app}:old`], { steps: [{ after, type: "\n" }] });
    assert.match(plain(no.text), /wharf: Nothing was changed\n/);
    assert.equal(no.status, 130);
    const yes = await onTerminal(["delete", `${app}:old`], { steps: [{ after, type: "y\n" }] });
    assert.match(yes.text, new RegExp(`Delete ${app}:old\\? .*y\nDeleted ${app}:old\n$`, "s"));
    assert.equal(yes.status, 0);
  });

  const secret = "open-sesame";
  const username = { after: /Username for .*: /, type: "me\n" };
  for (const TERM of ["xterm", "dumb"])
    test(`login asks; the password is not shown (TERM=${TERM})`, async () => {
      const environment = { HOME: home, TERM };
      const steps = [username, { after: /Password or access token: /, type: `${secret}\n` }];
      const { status, text } = await onTerminal(["login", server.host], { environment, steps });
      assert.equal(status, 0, text);
      assert.match(plain(text), new RegExp(`\nSigned in to ${server.host} as me\n`));
      assert.ok(!text.includes(secret), text);
    });

  test("Ctrl-C and Ctrl-D at a question end it", async () => {
    for (const [type, expected, message] of [
      ["\x03", 130, "wharf: Interrupted\n"],
      ["\x04", 2, "wharf: There was no answer: Password or access token\n"],
    ] as const) {
      const steps = [username, { after: /Password/, type }];
      const { status, text } = await onTerminal(["login", server.host], { steps });
      assert.equal(status, expected);
      assert.ok(plain(text).includes(message), text);
    }
  });

  test("what is no text is not thrown at a terminal", async () => {
    const layer = cargo().blobs.find(({ descriptor }) => descriptor.size === 100_000)!;
    for (const [words, message] of [
      [["copy", `${app}:1.0`, "docker-archive:-"], "An archive would garble the terminal"],
      [
        ["blob", "get", `${app}@${layer.descriptor.digest}`],
        "The blob is no text and would garble",
      ],
    ] as const) {
      const { status, text } = await onTerminal(words);
      assert.equal(status, 2);
      assert.ok(plain(text).startsWith(`wharf: ${message}`), text.slice(0, 200));
    }
    const { text } = await onTerminal(["manifest", "get", `${app}:1.0`]);
    assert.match(text, /^\{"schemaVersion":2.*\}\n$/);
  });

  test("a secret is not read from a terminal by way of standard input", async () => {
    const { status, text } = await onTerminal([
      "login",
      server.host,
      "-u",
      "me",
      "--password-stdin",
    ]);
    assert.equal(status, 2);
    assert.match(
      plain(text),
      /^wharf: The secret is expected on standard input, which is a terminal\n/,
    );
  });
});
