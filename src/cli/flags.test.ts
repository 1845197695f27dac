import assert from "node:assert/strict";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { globalFlags, parseWords, wholeNumber } from "./flags.ts";

const flags = {
  match: { about: "", value: "RE" },
  platform: { about: "", value: "P", repeated: true },
  sort: { about: "", value: "KEY", preset: "name", choices: ["name", "semver"] },
  yes: { about: "", short: "y" },
  quiet: { about: "", short: "q" },
  output: { about: "", value: "FILE", short: "o" },
  referrers: { about: "" },
} as const;

test("flags stand anywhere, with = or a space, and after -- there are none", () => {
  const { positionals, values } = parseWords(
    [
      "a",
      "--match=x=y",
      "--platform",
      "linux/amd64",
      "b",
      "--platform=linux/arm64",
      "-y",
      "--",
      "--c",
    ],
    flags,
  );
  assert.deepEqual(positionals, ["a", "b", "--c"]);
  assert.equal(values.match, "x=y");
  assert.deepEqual(values.platform, ["linux/amd64", "linux/arm64"]);
  assert.equal(values.yes, true);
  assert.equal(values.sort, "name");
});

test("short flags stand together, and with their value", () => {
  const { values } = parseWords(["-qy", "-ofile"], flags);
  assert.deepEqual([values.quiet, values.yes, values.output], [true, true, "file"]);
  assert.equal(parseWords(["-qo", "file"], flags).values.output, "file");
  assert.equal(parseWords(["-o=file"], flags).values.output, "file");
});

test("a number is whole and within its bounds", () => {
  assert.equal(wholeNumber("jobs", "6", { from: 1, to: 64 }), 6);
  for (const text of ["0", "65", "2.5", "-1", "1e2", "x", "0x10"])
    assert.throws(
      () => wholeNumber("jobs", text, { from: 1, to: 64 }),
      /--jobs is a whole number from 1 to 64, not/,
      text,
    );
});

test("a lone dash is an argument: a pipe", () => {
  assert.deepEqual(parseWords(["-"], flags).positionals, ["-"]);
});

test("--no-x turns a switch off", () => {
  assert.equal(parseWords(["--referrers", "--no-referrers"], flags).values.referrers, false);
});

for (const [words, message, hint] of [
  [["--refferers"], /no flag --refferers/, /Did you mean --referrers/],
  [["-z"], /no flag -z/, /./],
  [["-yz"], /no flag -z/, /./],
  [["-y=1"], /--yes takes no value/, /./],
  [["--match="], /--match needs a value/, /Write --match RE/],
  [["--match"], /--match needs a value/, /./],
  [["--yes=1"], /--yes takes no value/, /./],
  [["--sort=size"], /one of name, semver/, /./],
  [["--no-match"], /no flag --no-match/, /./],
] as const)
  test(`${words.join(" ")} is an error of usage that helps`, () => {
    assert.throws(
      () => parseWords(words, flags),
      (error) => isError(error, "USAGE") && message.test(error.message) && hint.test(error.hint),
    );
  });

test("names of Object.prototype are no flags", () => {
  assert.throws(() => parseWords(["--constructor"], flags), /no flag --constructor/);
});

test("a dash is an argument, also with a colon and a type behind it", () => {
  const { positionals } = parseWords(["-", "-:application/json", "--quiet"], globalFlags);
  assert.deepEqual(positionals, ["-", "-:application/json"]);
});
