#!/usr/bin/env node
// Entry of `wharf`. Only what every Node of the last years understands stands here, so that an old one gets a sentence.
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `wharf needs Node 22.19 or newer; this is ${process.versions.node}, from ${process.execPath}.\n`,
  );
  process.exitCode = 1;
} else {
  module.enableCompileCache();
  const [first, second] = process.argv.slice(2);
  const wantsOverview =
    first === undefined || (second === undefined && ["--help", "-h", "help"].includes(first));
  if (wantsOverview) import("./overview.ts").then(({ printOverview }) => printOverview());
  else import("./main.ts").then(({ main }) => main(process.argv.slice(2)));
}
