/** What a behaviour works with, and what it may return. */
import type { Operation } from "../../operation.ts";
import type { Identity } from "../accounts/accounts.ts";
import type { Keys } from "../keys.ts";
import type { Content } from "../registry/content.ts";
import type { State } from "../state/state.ts";
import { unauthorized } from "./refusal.ts";

export interface Context {
  readonly state: State;
  readonly content: Content;
  readonly keys: Keys;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Who has signed in. */
  readonly identity: Identity | undefined;
  /** The request's address as the client knows it. */
  readonly url: URL;
  readonly address: string;
  readonly agent: string;
}

/** An answer that is more than its body. */
export class Reply<Output> {
  readonly status: number;
  readonly body: Output;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: Output, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** The answer's last part, after everything was stored: what cannot be part of a transaction. */
export class Later<Output> {
  readonly finish: () => Promise<Output>;

  constructor(finish: () => Promise<Output>) {
    this.finish = finish;
  }
}

export type Outcome<Output> = Output | Reply<Output> | Later<Output>;

/** What an operation does. It is one transaction, and so does not wait. */
export type Behaviour<Input, Output> = (context: Context, input: Input) => Outcome<Output>;

/** The behaviours of an area, typed by its declarations. */
export type Behaviours<Area> = {
  readonly [Verb in keyof Area]?: Area[Verb] extends Operation<infer Input, infer Output, infer _>
    ? Behaviour<Input, Output>
    : never;
};

/** @throws HubRefusal where nobody has signed in */
export function signedIn({ identity }: Context): Identity {
  if (!identity) throw unauthorized("Authentication credentials were not provided.");
  return identity;
}
