/** What the client sends, checked by a validator against Docker's description; and Docker's examples, read by the client. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { checkInput } from "../../src/hub/client/input.ts";
import { prepare } from "../../src/hub/client/request.ts";
import { requestErrors, sample } from "./described-schema.ts";
import {
  type Described,
  describedOperations,
  descriptionMissing,
  entryOf,
  type Schema,
} from "./docker-description.ts";
import { allFixtures } from "./fixtures/index.ts";

/** What Docker's description contradicts itself or its service in; one that is no more fails the test. */
const contradictions: Readonly<Record<string, string>> = {
  "immutableTags.verify sends": "the pattern refuses its own example",
  "tags.list sends": "the service also takes os and architecture",
  "repositories.list sends": "the service also takes media_types and content_types",
  "tags.list reads": "a tag has a list of images, not one",
  "tags.get reads": "a tag has a list of images, not one",
  "repositories.check reads": "the answer to HEAD has no body",
  "orgMembers.list reads": "the service sends one page, not a list of pages",
};

function agrees(what: string, check: () => void): void {
  if (what in contradictions) assert.throws(check, `${what}: no contradiction any more`);
  else check();
}

describe("against Docker's description", { skip: descriptionMissing }, () => {
  if (descriptionMissing) return;

  for (const theirs of describedOperations()) {
    const { id, area, verb, operation } = entryOf(theirs);

    test(`${id} sends what Docker describes`, () =>
      agrees(`${id} sends`, () => {
        const input = checkInput(id, operation, allFixtures[area]?.[verb]?.input);
        const { path, body, headers } = prepare(operation, input);
        assert.deepEqual(requestErrors(theirs, { path, headers, body }), []);
      }));

    for (const [about, example] of examplesOf(theirs))
      test(`${id} reads Docker's example${about}`, () =>
        agrees(`${id} reads`, () => {
          const result = operation.output.safeParse(example);
          assert(result.success, result.error?.message);
        }));
  }
});

/** The answers that are given as examples, and what the examples of single fields make together. */
function examplesOf({ responses }: Described): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const [status, response] of Object.entries(responses)) {
    if (!status.startsWith("2")) continue;
    const content = (response as { content?: Record<string, unknown> } | undefined)?.content ?? {};
    for (const [type, media] of Object.entries(content)) {
      if (!type.includes("json")) continue;
      const { example, examples, schema } = media as Record<string, unknown>;
      if (example !== undefined) found.push([` (${status})`, example]);
      for (const [name, value] of Object.entries(examples ?? {}))
        found.push([` (${status}, ${name})`, (value as { value: unknown }).value]);
      const made = sample(schema as Schema | undefined);
      if (example === undefined && examples === undefined && made !== undefined)
        found.push([` (${status}, made of its fields)`, made]);
    }
  }
  return found;
}
