/** `npm run build`: compiles src to dist, bundles the command and writes what is generated. `--if-stale` does nothing where dist is newer. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { commandsPage } from "./commands-page.ts";
import { errorsPage } from "./errors-page.ts";
import { hubOutlines, scoutOutlines } from "./hub-outlines.ts";
import { operationsPage, referencePages } from "./operations-pages.ts";

const stamp = "dist/.built";

function isStale(): boolean {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).map((name) =>
    join("src", name),
  );
  return [...sources, "package.json", "scripts/bundle.ts", "tsconfig.build.json"].some(
    (file) => statSync(file).mtimeMs > built,
  );
}

if (!process.argv.includes("--if-stale") || isStale()) {
  // First, for the command is made of it. The formatter has the last word on how it looks.
  writeFileSync("src/cli/hub/operations.ts", hubOutlines());
  writeFileSync("src/cli/scout/operations.ts", scoutOutlines());
  const outlines = ["src/cli/hub/operations.ts", "src/cli/scout/operations.ts"];
  execFileSync("oxfmt", outlines, { stdio: "pipe" });
  rmSync("dist", { recursive: true, force: true });
  execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
  await bundle();
  chmodSync("dist/cli/bin.js", 0o755);
  writeFileSync("docs/errors.md", errorsPage());
  writeFileSync("docs/commands.md", await commandsPage());
  writeFileSync("docs/operations.md", operationsPage());
  rmSync("docs/reference", { recursive: true, force: true });
  mkdirSync("docs/reference");
  for (const [name, page] of referencePages()) writeFileSync(join("docs/reference", name), page);
  writeFileSync(stamp, "");
}
