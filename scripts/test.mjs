/** `npm test`: installs what is missing, then runs every check. Arguments name test files to run instead of all. */
import { installPackages, node, run } from "./install.mjs";

installPackages();
run(node, "scripts/debian-packages.ts");
run(node, "scripts/build.ts", "--if-stale");
run(node, "scripts/check.ts", ...process.argv.slice(2));
