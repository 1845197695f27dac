/** Commands of dxf that list names, and the one that prints a token. */
import type { Session } from "./session.ts";

export async function listAliases(session: Session): Promise<void> {
  const store = await session.store();
  await printAll(session, store.listAliases(session.options));
}

export async function listRepositories(session: Session): Promise<void> {
  const registry = await session.registry();
  await printAll(session, registry.listRepositories(session.options));
}

async function printAll({ call: { output } }: Session, names: AsyncIterable<string>) {
  for await (const name of names) {
    // Nobody reads any more.
    if (output.stdout.destroyed) return;
    await output.line(name);
  }
}

/** Nothing is printed where the registry wants no token. */
export async function printToken(session: Session): Promise<void> {
  const store = await session.store();
  const { environment, words, call } = session;
  // It is about a new one.
  store.token = undefined;
  const { signal } = call;
  const token = await store.authenticate({ ...environment.login, actions: words, signal });
  if (token !== undefined) await call.output.line(token);
}
