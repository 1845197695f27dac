/** Streams: what an organization runs where. `latest-indexed` is there by itself: the newest of each repository. */
import type { Account } from "../../accounts/accounts.ts";
import { type Asked, once, repositoriesOf } from "../asked.ts";
import { missing } from "../refusal.ts";
import { analysisOf, type Finding, findingsOf } from "./analysis.ts";
import { type Image, imagesBehind, tagsIn } from "./image.ts";

export const latest = "latest-indexed";

export function streamsOf({ state }: Asked, { number }: Account): string[] {
  const rows = state.all<{ stream: string }>(
    "SELECT DISTINCT stream FROM scout_stream_images WHERE org = ? ORDER BY stream",
    number,
  );
  return [latest, ...rows.map(({ stream }) => stream)];
}

/** @throws ScoutRefusal NOT_FOUND */
export function imagesOfStream(asked: Asked, org: Account, stream: string): Promise<Image[]> {
  return once(asked, `stream ${org.number} ${stream}`, () =>
    stream === latest ? latestOf(asked, org) : environmentOf(asked, org, stream),
  );
}

/** A vulnerability of a package of an image of a stream; exceptions are left out. */
export interface StreamFinding extends Finding {
  readonly image: Image;
}

export function findingsOfStream(
  asked: Asked,
  org: Account,
  stream: string,
): Promise<StreamFinding[]> {
  return once(asked, `findings ${org.number} ${stream}`, async () => {
    const found: StreamFinding[] = [];
    for (const image of await imagesOfStream(asked, org, stream))
      for (const finding of await findingsOf(asked, image, org))
        if (!finding.isExcepted) found.push({ ...finding, image });
    return found;
  });
}

async function latestOf(asked: Asked, org: Account): Promise<Image[]> {
  const found: Image[] = [];
  for (const repository of repositoriesOf(asked, org))
    for (const tag of tagsIn(asked, repository)) {
      const indexed: Image[] = [];
      for (const image of imagesBehind(asked, repository, tag.digest))
        if ((await analysisOf(asked, image)).sbomState === "INDEXED") indexed.push(image);
      found.push(...indexed);
      if (indexed.length > 0) break;
    }
  return found;
}

async function environmentOf(asked: Asked, org: Account, stream: string): Promise<Image[]> {
  const rows = asked.state.all<{ repository: number; digest: string; platform: string }>(
    "SELECT repository, digest, platform FROM scout_stream_images WHERE org = ? AND stream = ? ORDER BY app, platform",
    org.number,
    stream,
  );
  if (rows.length === 0) throw missing(`there is no stream ${stream}`);
  const readable = new Map(repositoriesOf(asked, org).map((row) => [row.id, row]));
  const images = rows.flatMap(({ repository, digest, platform }) => {
    const row = readable.get(repository);
    const behind = row ? imagesBehind(asked, row, digest) : [];
    return platform === "" ? behind : behind.filter((image) => platformText(image) === platform);
  });
  return [
    ...new Map(images.map((each) => [`${each.repository.id} ${each.digest}`, each])).values(),
  ];
}

export function platformText({ described: { os, architecture, variant } }: Image): string {
  return [os, architecture, variant].filter(Boolean).join("/");
}
