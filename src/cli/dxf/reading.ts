/** Commands of dxf that read blobs and aliases. */
import type { ByPlatform, NamedBlob } from "../../blobstore/contents.ts";
import { sortedJson } from "../../blobstore/sortedJson.ts";
import type { BlobStore } from "../../blobstore/store.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { aliasIn, digestIn, type Session } from "./session.ts";

type Blobs = readonly NamedBlob[] | ByPlatform<readonly NamedBlob[]>;

const isList = (value: object): value is readonly NamedBlob[] => Array.isArray(value);

/** Applies to the value, or to that of each platform. */
function each<Result>(blobs: Blobs, make: (of: readonly NamedBlob[]) => Result) {
  if (isList(blobs)) return make(blobs);
  return Object.fromEntries(Object.entries(blobs).map(([name, of]) => [name, make(of)]));
}

const digestsOf = (blobs: readonly NamedBlob[]): Digest[] => blobs.map(({ digest }) => digest);

export async function pullBlob(session: Session): Promise<void> {
  const store = await session.store();
  const { options, words, call } = session;
  const { output } = call;
  // A manifest that is at hand is not searched for a platform.
  const given = words.length > 0 ? [] : [await store.blobs(await session.manifest(), call)];
  // All aliases are looked up before the first byte is written.
  const wanted: Blobs[] = [...given];
  for (const word of words) {
    const alias = aliasIn(word);
    wanted.push(
      alias === undefined ? [{ digest: digestIn(word) }] : await store.blobs(alias, options),
    );
  }
  for (const blobs of wanted) {
    if (isList(blobs)) for (const blob of blobs) await pull(session, store, blob);
    else await output.line(sortedJson(each(blobs, digestsOf)));
  }
}

async function pull(session: Session, store: BlobStore, named: NamedBlob): Promise<void> {
  const { environment, call } = session;
  const { output, signal } = call;
  const blob = await store.pullBlob(named, { chunkSize: environment.chunkSize, signal });
  if (environment.blobInfo) await output.write(`${blob.digest} ${blob.size}\n`);
  const bar = session.bar(blob.digest, blob.size);
  let done = 0;
  try {
    for await (const chunk of blob) {
      // Nobody reads any more.
      if (output.stdout.destroyed) return;
      await output.write(chunk);
      bar?.update((done += chunk.byteLength));
    }
  } finally {
    // What went wrong stands below it.
    bar?.end();
  }
}

export async function blobSize(session: Session): Promise<void> {
  const store = await session.store();
  const { options, words } = session;
  const sum = async (blobs: readonly NamedBlob[]) => {
    let sizes = 0;
    for (const { digest, size } of blobs) sizes += size ?? (await store.blobSize(digest, options));
    return sizes;
  };
  const summed = async (blobs: Blobs) => {
    if (isList(blobs)) return String(await sum(blobs));
    const sums: Record<string, number> = {};
    for (const [name, of] of Object.entries(blobs)) sums[name] = await sum(of);
    return sortedJson(sums);
  };
  const lines: string[] = [];
  if (words.length === 0)
    lines.push(await summed(await store.blobs(await session.manifest(), options)));
  for (const word of words) {
    const alias = aliasIn(word);
    lines.push(
      alias === undefined
        ? String(await store.blobSize(digestIn(word), options))
        : await summed(await store.blobs(alias, options)),
    );
  }
  await session.print(lines);
}

export async function getAlias(session: Session): Promise<void> {
  const store = await session.store();
  const lines: string[] = [];
  for (const alias of await session.aliases()) {
    const digests = each(await store.blobs(alias, session.options), digestsOf);
    if (Array.isArray(digests)) lines.push(...digests);
    else lines.push(sortedJson(digests));
  }
  await session.print(lines);
}

export async function getDigest(session: Session): Promise<void> {
  const store = await session.store();
  const lines: string[] = [];
  for (const alias of await session.aliases())
    lines.push(textOrJson(await store.getDigest(alias, session.options)));
  await session.print(lines);
}

export async function getManifest(session: Session): Promise<void> {
  const store = await session.store();
  for (const alias of session.words)
    await session.call.output.write(textOrJson(await store.getManifest(alias, session.options)));
}

function textOrJson(value: string | ByPlatform<string>): string {
  return typeof value === "string" ? value : sortedJson(value);
}
