/** Fixtures of Docker Scout: those of GraphQL say variables and data in place of a whole request. */
import type { AnyOperation, Operation } from "../../src/operation.ts";
import type { Fixture } from "../hub/fixture.ts";

type InputOf<Declared> = Declared extends Operation<infer Input, infer _, infer __> ? Input : never;

export interface QueryFixture<Input = object> {
  readonly input: Input;
  /** What the variables are, written by hand. */
  readonly variables: object;
  /** What comes back for the field that was asked for. */
  readonly value: unknown;
  /** What the call gives. @default the value */
  readonly output?: unknown;
}

type FixtureOf<Declared> = Declared extends { readonly document: string }
  ? QueryFixture<InputOf<Declared>>
  : Fixture<InputOf<Declared>>;

/** A fixture for each operation: leaving one out does not compile. */
export function scoutFixtures<Area>(
  area: Area,
  all: { readonly [Verb in keyof Area]: FixtureOf<Area[Verb]> },
): Readonly<Record<string, Fixture>> {
  return Object.fromEntries(
    Object.entries(all as Record<string, Fixture | QueryFixture>).map(([verb, fixture]) => [
      verb,
      "request" in fixture ? fixture : requestOf((area as never)[verb], fixture),
    ]),
  );
}

function requestOf(
  { document }: AnyOperation & { readonly document: string },
  { input, variables, value, ...rest }: QueryFixture,
): Fixture {
  const field = /[{]\s*(\w+)/.exec(document)?.[1] ?? "";
  return {
    input,
    request: { method: "POST", path: "/v1/graphql", body: { query: document, variables } },
    answer: { status: 200, body: { data: { [field]: value } } },
    output: "output" in rest ? rest.output : value,
  };
}
