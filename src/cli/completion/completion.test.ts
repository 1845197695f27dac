import assert from "node:assert/strict";
import { test } from "node:test";
import { isError } from "../../errors.ts";
import { completionScript, type CompletedCommand } from "./completion.ts";

const commands: readonly CompletedCommand[] = [
  {
    name: "show",
    summary: "It's [shown]: all",
    arguments: [{ name: "KIND", about: "", choices: ["old", "new"] }],
    flags: {
      output: { about: "A file's name", value: "FILE", short: "o" },
      sort: { about: "Order", value: "ORDER", choices: ["up", "down"] },
      tag: { about: "Tag", value: "TAG", repeated: true },
      yes: { about: "Sure", short: "y" },
    },
  },
  { name: "part get", summary: "Gets it", arguments: [{ name: "REF", about: "" }], flags: {} },
];

test("text of the definitions cannot end the quotes of a script", () => {
  const zsh = completionScript("zsh", commands);
  assert.ok(zsh.includes(`'show:It'\\''s \\[shown\\]\\: all'`));
  assert.ok(zsh.includes(`'(-o --output)'{-o+,--output=}'[A file'\\''s name]:FILE:_files'`));
  assert.ok(completionScript("fish", commands).includes(`-d 'A file\\'s name'`));
});

test("zsh knows flags that exclude one another, and those that may be repeated", () => {
  const zsh = completionScript("zsh", commands);
  assert.ok(zsh.includes(`'(-y --yes)'{-y,--yes}'[Sure]'`));
  assert.ok(zsh.includes(`'*--tag=[Tag]:TAG:'`));
  assert.ok(zsh.includes(`':KIND:(old new)'`));
});

test("an unknown shell is named, with those that are known", () => {
  for (const shell of ["tcsh", "constructor"])
    assert.throws(
      () => completionScript(shell, commands),
      (error) => isError(error, "USAGE") && /bash, zsh and fish/.test(error.hint),
    );
});
