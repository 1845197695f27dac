/** Receivers of notifications, and which events each wants. */
import { createPattern } from "../access/rules/pattern.ts";
import type { RegistryEvent } from "../exchange.ts";
import type { Notification } from "./envelope.ts";

export type EventAction = RegistryEvent["action"];

export const eventActions: readonly EventAction[] = ["pull", "push", "mount", "delete"];

/** A receiver. Nothing is sent to any other address: redirects are not followed. */
export interface Endpoint {
  /** For logs and metrics, since the address may hold a secret; each has its own. */
  readonly name: string;
  readonly url: URL;
  /** Fields sent with each request, names in lower case; they may be secret and are never shown. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Only events that match are sent. @default all */
  readonly only?: EventFilter;
  /** Events that match any of its lists are not sent. @default none */
  readonly ignore?: EventFilter;
  /** Milliseconds until the answer must be there, the connection included. @default 10000 */
  readonly timeout?: number;
  /** Milliseconds before the second try; doubled for each further one, up to a minute. @default 1000 */
  readonly backoff?: number;
  /** Tries in a row that fail before the wait is doubled. @default 1 */
  readonly threshold?: number;
  /** Events that may wait; those that come when so many do are dropped. @default 10000 */
  readonly queue?: number;
}

/** A list that is left out matches nothing in particular. */
export interface EventFilter {
  readonly actions?: readonly EventAction[];
  /** Exact; what was deleted has none. */
  readonly mediaTypes?: readonly string[];
  /** Patterns such as `team-a/**`; those that begin with `!` take away from the others. */
  readonly repositories?: readonly string[];
}

/** Whether an endpoint wants an event; made once, asked often. */
export function createFilter({
  only = {},
  ignore = {},
}: Pick<Endpoint, "only" | "ignore">): (event: Notification) => boolean {
  const wanted = testsOf(only);
  const unwanted = testsOf(ignore);
  return (event) =>
    wanted.every((test) => test(event) !== false) && !unwanted.some((test) => test(event) === true);
}

/** One for each list of the filter; undefined where the event has nothing of that kind. */
function testsOf({ actions, mediaTypes, repositories }: EventFilter) {
  const tests: ((event: Notification) => boolean | undefined)[] = [];
  if (actions) tests.push(({ action }) => actions.includes(action));
  if (mediaTypes)
    tests.push(({ target: { mediaType } }) =>
      mediaType === undefined ? undefined : mediaTypes.includes(mediaType),
    );
  if (repositories) {
    const pattern = createPattern(repositories);
    tests.push(({ target }) => pattern.matches(target.repository));
  }
  return tests;
}
