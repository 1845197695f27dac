/** What an operation sends and gives back, written by hand, so that it checks the declaration. */
import type { Operation } from "../../src/operation.ts";

export interface Fixture<Input = object> {
  readonly input: Input;
  readonly request: {
    readonly method: string;
    /** Path and query as they are on the wire. */
    readonly path: string;
    /** JSON; bytes as a Buffer. */
    readonly body?: unknown;
    /** Header fields that have to be there. */
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly answer: {
    readonly status: number;
    /** JSON; or text or bytes with their own content type. */
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** What the call gives. @default the answer's body */
  readonly output?: unknown;
}

type InputOf<Declared> = Declared extends Operation<infer Input, infer _, infer __> ? Input : never;

/** A fixture for each operation of an area: leaving one out does not compile. */
export function fixtures<Area>(
  _area: Area,
  all: { readonly [Verb in keyof Area]: Fixture<InputOf<Area[Verb]>> },
) {
  return all as Readonly<Record<string, Fixture>>;
}
