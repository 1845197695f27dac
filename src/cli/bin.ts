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
  const words = process.argv.slice(2);
  const [first = "help"] = words;
  const last = words.length > 0 ? words[words.length - 1] : "help";
  const asksForHelp = last === "--help" || last === "-h" || last === "help";
  const isOverview = words.length < 2 || (words.length < 4 && ["hub", "scout"].includes(first));
  const all = () => import("./main.ts").then(({ main }) => main(words));
  if (!asksForHelp || !isOverview) all();
  else
    import("./overview.ts").then(
      async ({ printOverview }) => (await printOverview(words)) || all(),
    );
}
