/**
 * Builds the command: `bin.js`, which looks at Node, `overview.js`, which is `--help`, and `main.js`, which is all the rest.
 *
 * Most of what a short command takes is Node finding and linking a hundred modules, so here they are one. It is CommonJS
 * because a module in it, and what that needs of Node's own, then begins only when it is first used. The library stays
 * as it is, a file for each source.
 */
import { build, type BuildOptions, type Plugin } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

const source = resolve("src");

const options: BuildOptions = {
  outdir: "dist/cli",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node22.19",
  // Less to read, but names stay, and short lines, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 100,
  supported: { "dynamic-import": false },
  // The packages that are depended upon are installed beside: their licences and their files stay whole.
  packages: "external",
  logLevel: "warning",
};

/** Leaves these out of `bin.ts`: Node keeps compiled code only of files that are loaded after it was told to. */
const restApart: Plugin = {
  name: "rest apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(?:main|overview)\.ts$/ }, ({ path }) => ({
      path: path.replace(/ts$/, "js"),
      external: true,
    }));
  },
};

/** Leaves out of the lists of commands what each loads when it runs. */
const commandsApart: Plugin = {
  name: "commands apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === "dynamic-import" && !path.endsWith("/commands.ts")
        ? { path, external: true }
        : undefined,
    );
  },
};

/**
 * What `import.meta.url` is made from; and a `require` that does not dress Node's own modules up as ES modules: for
 * that, all that they offer would be loaded, such as streams and promises with `node:fs`.
 */
const banner = `"use strict";
const bundleAddress = process.getBuiltinModule("node:url").pathToFileURL(__filename);
require = ((load) => (id) => process.getBuiltinModule(id) ?? load(id))(require);`;

/** Each module's `import.meta.url` is that of its file in the library, next to which it finds others. */
const ownAddress: Plugin = {
  name: "own address",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const place = relative(join(source, "cli"), path).replace(/\.ts$/, ".js");
      const address = `new URL(${JSON.stringify(place)}, bundleAddress).href`;
      return { contents: text.replaceAll("import.meta.url", address), loader: "ts" };
    });
  },
};

export async function bundle(): Promise<void> {
  await build({ ...options, entryPoints: ["src/cli/bin.ts"], plugins: [restApart] });
  await build({
    ...options,
    entryPoints: ["src/cli/overview.ts"],
    plugins: [commandsApart],
    banner: { js: banner },
  });
  await build({
    ...options,
    entryPoints: ["src/cli/main.ts"],
    plugins: [ownAddress],
    banner: { js: banner },
  });
  await writeFile("dist/cli/package.json", '{ "type": "commonjs" }\n');
}
