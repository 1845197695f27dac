/** What changes streams: images that are said to run somewhere. */
import { isDigest } from "../../../reference/digest.ts";
import { written } from "../../state/state.ts";
import type { Account } from "../../accounts/accounts.ts";
import {
  type Asked,
  type ContextInput,
  managedOrganization,
  organizationOf,
  readable,
} from "../asked.ts";
import { imagesBehind, tagsIn } from "../images/image.ts";
import { latest } from "../images/stream.ts";
import { setAnalysed } from "../enabled.ts";
import { badInput, forbidden, missing } from "../refusal.ts";

interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | null;
}

interface StreamImage {
  readonly image: string;
  readonly appName?: string | null;
  readonly platform?: Platform | null;
}

export const streamMutations = {
  addImageToStream(
    { context, input }: { context: ContextInput; input: StreamImage & { stream: string } },
    asked: Asked,
  ) {
    const organization = managedOrganization(asked, context);
    add(asked, organization, input.stream, input);
    return { status: "ACCEPTED" };
  },

  setStreamImages(
    {
      context,
      input,
    }: { context: ContextInput; input: { stream: string; images: readonly StreamImage[] } },
    asked: Asked,
  ) {
    const organization = managedOrganization(asked, context);
    asked.state.run(
      "DELETE FROM scout_stream_images WHERE org = ? AND stream = ?",
      organization.number,
      input.stream,
    );
    for (const image of input.images) add(asked, organization, input.stream, image);
    return { status: "ACCEPTED" };
  },

  /** Asks for an image to be analysed, as when its repository is switched on. */
  indexImage(
    { context, image }: { context: ContextInput; image: { digest: string; repository: string } },
    asked: Asked,
  ) {
    const organization = organizationOf(asked, context);
    const repository = readable(asked, image.repository);
    if (organization?.number !== repository.owner) throw forbidden();
    if (imagesBehind(asked, repository, image.digest).length === 0)
      throw missing(`there is no image ${image.digest} in ${image.repository}`);
    managedOrganization(asked, context);
    setAnalysed(asked.state, repository, true, asked.now);
    return { digest: image.digest };
  },
};

/** What ran there before of the same application is replaced. */
function add(
  asked: Asked,
  organization: Account,
  stream: string,
  { image, appName, platform }: StreamImage,
): void {
  if (stream === latest) throw badInput(`${latest} is made by Docker Scout itself`);
  if (!/^[\w.-]{1,100}$/.test(stream)) throw badInput("a stream's name has letters, digits, - _ .");
  const match = /^(?:docker\.io\/)?([^:@]+)(?::([\w.-]+))?(?:@(.+))?$/.exec(image);
  const path = match?.[1];
  if (path === undefined) throw badInput(`${image} is no reference of an image`);
  const repository = readable(asked, path);
  if (repository.owner !== organization.number) throw forbidden();
  const [, , tag = "latest", given] = match!;
  if (given !== undefined && !isDigest(given)) throw badInput(`${given} is no digest`);
  const digest = given ?? tagsIn(asked, repository).find(({ name }) => name === tag)?.digest;
  if (digest === undefined || imagesBehind(asked, repository, digest).length === 0)
    throw missing(`there is no image ${image}`);
  asked.state.run(
    "INSERT OR REPLACE INTO scout_stream_images VALUES (?, ?, ?, ?, ?, ?, ?)",
    organization.number,
    stream,
    appName ?? path,
    platform
      ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/")
      : "",
    repository.id,
    digest,
    written(asked.now),
  );
}
