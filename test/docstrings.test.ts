/**
 * What an editor shows of the names that the package exports: asked of TypeScript, as editors do. Its API calls itself
 * unstable; package-lock.json holds it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { isClassDeclaration } from "typescript/unstable/ast/is";
import {
  API,
  type Checker,
  SignatureKind,
  type Symbol as Name,
  SymbolFlags,
} from "typescript/unstable/sync";
import { root } from "./wharf.ts";

const typescript = new API({ cwd: root });
after(() => typescript.close());
const settings = join(root, "tsconfig.build.json");
const project = typescript.updateSnapshot({ openProjects: [settings] }).getProject(settings)!;
const { checker, program } = project;

const isA = (name: Name, flag: SymbolFlags) => (name.flags & flag) !== 0;

/** The names of a module, by what stands behind them. */
function exportsOf(module: Name, path: string): [path: string, name: Name][] {
  return checker.getExportsOfModule(module).flatMap((exported): [string, Name][] => {
    const name = isA(exported, SymbolFlags.Alias) ? checker.getAliasedSymbol(exported) : exported;
    const here = `${path} ${exported.name}`;
    // A module that is exported whole has no place for a docstring; its names have.
    return isA(name, SymbolFlags.ValueModule) ? exportsOf(name, here) : [[here, name]];
  });
}

const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};
const names = Object.entries(exports).flatMap(([entrance, files]) => {
  if (typeof files === "string") return [];
  const source = files.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, "src/$1.ts");
  const file = program.getSourceFile(join(root, source));
  assert.ok(file, source);
  return exportsOf(checker.getSymbolAtLocation(file)!, entrance);
});

const isSaid = (name: Name) =>
  checker.getDocumentationCommentOfSymbol(name) !== "" ||
  checker.getJsDocTagsOfSymbol(name).length > 0;

/** What is promised by the interfaces of a class is said there. */
function promises(name: Name): ReturnType<Checker["getDeclaredTypeOfSymbol"]>[] {
  const declared = name.valueDeclaration?.resolve();
  if (!declared || !isClassDeclaration(declared)) return [];
  return (declared.heritageClauses ?? []).flatMap(({ types }) =>
    types.map((type) => checker.getTypeAtLocation(type)!),
  );
}

test("every exported name says what it is", () => {
  assert.ok(names.length > 600);
  const silent = names.filter(([, name]) => checker.getDocumentationCommentOfSymbol(name) === "");
  assert.deepEqual(
    silent.map(([path]) => path),
    [],
  );
});

test("every method, and every field of what is passed as options, says what it is or which default it has", () => {
  const silent = new Set<string>();
  for (const [, name] of names) {
    if (!isA(name, SymbolFlags.Class | SymbolFlags.Interface)) continue;
    const inherited = promises(name);
    for (const member of name.getMembers().values()) {
      if (!isA(member, SymbolFlags.Property | SymbolFlags.Method | SymbolFlags.Accessor)) continue;
      // `#private` and `[Symbol.…]` are for nobody to call by name.
      if (/^(?:#|__)/.test(member.name) || member.escapedName.startsWith("__")) continue;
      const type = checker.getTypeOfSymbol(member);
      const calls = type ? checker.getSignaturesOfType(type, SignatureKind.Call) : [];
      if (calls.length === 0 && !name.name.endsWith("Options")) continue;
      const said = inherited.map((promise) => checker.getPropertyOfType(promise, member.name));
      if (![member, ...said].some((one) => one && isSaid(one)))
        silent.add(`${name.name}.${member.name}`);
    }
  }
  assert.deepEqual([...silent], []);
});
