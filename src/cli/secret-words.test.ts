import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsIn, withoutSecrets } from "./secret-words.ts";

for (const [words, secrets] of [
  [
    ["ping", "https://me:open-sesame@example.com/x"],
    ["me:open-sesame", "open-sesame"],
  ],
  [
    ["ping", "me:open-sesame@example.com"],
    ["me:open-sesame", "open-sesame"],
  ],
  [
    ["ping", "http://me:a%2Fbcd@example.com"],
    ["me:a%2Fbcd", "a%2Fbcd", "a/bcd"],
  ],
  [
    ["ping", "http://me:pass/word@example.com"],
    ["me:pass/word", "pass/word"],
  ],
  [
    ["--credentials", "example.com=me:open-sesame"],
    ["me:open-sesame", "open-sesame"],
  ],
  [["--credentials=example.com=me:open-sesame"], ["me:open-sesame", "open-sesame"]],
  [["--credentials", "example.com=@file"], []],
  [["inspect", `localhost:5000/a:1@sha256:${"0".repeat(64)}`], []],
  [["login", "--username", "me@example.com"], []],
  [["copy", "docker-archive:a@b.tar", "oci:c@d:1"], []],
] as const)
  test(`secrets of: ${words.join(" ")}`, () => {
    assert.deepEqual(secretsIn(words), secrets);
  });

test("a secret is hidden wherever it stands", () => {
  const secrets = secretsIn(["https://me:open-sesame@example.com"]);
  assert.equal(withoutSecrets("x me:open-sesame y open-sesame", secrets), "x *** y ***");
});
