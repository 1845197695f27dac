import assert from "node:assert/strict";
import { test } from "node:test";

import { allowOrganization, allowRepository, isPath, isScope, type Resource } from "./scopes.ts";

const repo = (path: string, ...scopes: string[]): Resource => ({ type: "TYPE_REPO", path, scopes });
const open = (path: string) => ({ path, isPrivate: false });
const closed = (path: string) => ({ path, isPrivate: true });

test("a scope includes those below it, and none of another kind", () => {
  const pushes = [repo("acme/app", "scope-image-push")];
  assert(allowRepository(pushes, closed("acme/app"), "image-pull"));
  assert(allowRepository(pushes, closed("acme/app"), "image-push"));
  assert(!allowRepository(pushes, closed("acme/app"), "image-delete"));
  assert(!allowRepository(pushes, closed("acme/app"), "repository-read"));
  const edits: Resource[] = [{ type: "TYPE_ORG", path: "acme", scopes: ["scope-group-edit"] }];
  assert(allowOrganization(edits, "group-read"));
  assert(!allowOrganization(edits, "member-read"));
  assert(!allowOrganization([repo("acme/*", "scope-group-edit")], "group-read"));
});

test("each scope includes the lesser ones of its kind, and none of them includes it", () => {
  for (const ladder of [
    ["image-delete", "image-push", "image-pull"],
    ["repository-admin", "repository-edit", "repository-read"],
    ["tag-admin", "tag-read"],
    ["webhook-admin", "webhook-edit", "webhook-read"],
    ["repo-group-admin", "repo-group-edit", "repo-group-read"],
  ] as const)
    for (const [at, given] of ladder.entries())
      assert.deepEqual(
        ladder.filter((scope) =>
          allowRepository([repo("acme/*", `scope-${given}`)], closed("acme/app"), scope),
        ),
        ladder.slice(at),
        given,
      );
  for (const [more, less] of [
    ["member-edit", "member-read"],
    ["invite-edit", "invite-read"],
    ["group-edit", "group-read"],
    ["ram-write", "ram-read"],
  ] as const) {
    const may = (given: string, scope: typeof more | typeof less) =>
      allowOrganization([{ type: "TYPE_ORG", path: "acme", scopes: [`scope-${given}`] }], scope);
    assert.deepEqual([may(more, less), may(more, more)], [true, true], more);
    assert.deepEqual([may(less, less), may(less, more)], [true, false], less);
  }
});

test("a star stands for any part of a name", () => {
  for (const [pattern, path, fits] of [
    ["acme/app", "acme/app", true],
    ["acme/app", "acme/app2", false],
    ["acme/*", "acme/app", true],
    ["acme/*", "acme2/app", false],
    ["acme/*-ci", "acme/app-ci", true],
    ["acme/*-ci", "acme/app-cd", false],
    ["acme/a*b*c", "acme/a-b-c", true],
    ["acme/a*b*c", "acme/abc", true],
    ["acme/a*b*c", "acme/ac", false],
    ["acme/ab*bc", "acme/abc", false],
    ["acme/a.p", "acme/axp", false],
  ] as const)
    assert.equal(
      allowRepository([repo(pattern, "scope-image-pull")], closed(path), "image-pull"),
      fits,
      `${pattern} ${path}`,
    );
});

test("all public repositories are for reading only", () => {
  const everywhere = [repo("*/*/public", "scope-image-delete", "scope-repository-admin")];
  assert(allowRepository(everywhere, open("library/hello"), "image-pull"));
  assert(allowRepository(everywhere, open("library/hello"), "repository-read"));
  assert(!allowRepository(everywhere, open("acme/app"), "image-push"));
  assert(!allowRepository(everywhere, open("acme/app"), "repository-edit"));
  assert(!allowRepository(everywhere, closed("acme/app"), "image-pull"));
});

test("a resource names what is the organization's, with scopes of its kind", () => {
  assert(isPath("TYPE_REPO", "acme/*", "acme") && isPath("TYPE_REPO", "*/*/public", "acme"));
  for (const path of ["*/*", "*", "other/app", "acme", "acme/a/b", "acme2/*"])
    assert(!isPath("TYPE_REPO", path, "acme"), path);
  assert(isPath("TYPE_ORG", "acme", "acme") && !isPath("TYPE_ORG", "other", "acme"));
  assert(isScope("TYPE_REPO", "scope-image-pull") && !isScope("TYPE_ORG", "scope-image-pull"));
  assert(!isScope("TYPE_REPO", "image-pull") && !isScope("TYPE_REPO", "scope-everything"));
});
