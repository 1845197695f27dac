/** What the compiler tells who calls Docker Hub: checked with everything else, never run. */
import { createHub, type Page, type Repository } from "../../src/entrance/hub.ts";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(is: Same<A, B>): boolean => is;

export async function calls(): Promise<void> {
  const hub = createHub();
  const place = { namespace: "library", repository: "nginx" };
  await hub.tags.list(place, { pageSize: 10, limit: 20 });
  await hub.orgs.list();
  await hub.users.getCurrent(undefined, { timeout: 1000 });
  // @ts-expect-error a field that there is not
  await hub.tags.list({ ...place, tga: "1" });
  // @ts-expect-error a field that is missing
  await hub.tags.list({ namespace: "library" });
  // @ts-expect-error a required input that is missing
  await hub.tags.list();
  // @ts-expect-error a number as text
  await hub.tags.list({ ...place, page: "1" });
  // @ts-expect-error a value that is none of those known
  await hub.accessTokens.create({ token_label: "x", scopes: ["repo:all"] });
  // @ts-expect-error what is no list has no limit
  await hub.tags.get({ ...place, tag: "1" }, { limit: 1 });
  // @ts-expect-error what is no list is not iterated
  for await (const _ of hub.tags.get({ ...place, tag: "1" })) continue;
  // @ts-expect-error no such verb
  await hub.tags.purge(place);
  const found = await hub.repositories.check(place);
  same<typeof found, boolean>(true);
  const gone = await hub.tags.delete({ ...place, tag: "1" }, { confirm: true });
  same<typeof gone, void>(true);
  const { data, status } = await hub.repositories.get(place).withResponse();
  same<typeof data, Repository>(true);
  same<typeof status, number>(true);
  const tags = await hub.tags.list(place);
  const page: Page<{ name: string }> = tags;
  for await (const { name } of hub.tags.list(place)) same<typeof name, string>(true);
  // @ts-expect-error the client's areas cannot be replaced
  hub.tags = page;
}
