/**
 * The tags of a repository as Docker Hub's API has them: with the dates of their pushes, and deletable, which Docker Hub's
 * registry itself does not allow.
 */
import { isError, WharfError } from "../errors.ts";
import { pause } from "../http/gate.ts";
import { longestWait } from "../http/retry.ts";
import type { Hub } from "../hub/client/hub.ts";
import type { Tag } from "../hub/schemas/tag.ts";
import { mediaTypes, type Descriptor, type Digest } from "../reference/descriptor.ts";
import { isDigest } from "../reference/digest.ts";
import type { Cancellable, Deleter, Fetcher, Resolver, TagLister } from "../store/store.ts";
import type { ExecuteOptions, PruneEvent, PruneResult } from "./prune/execute.ts";
import type { PrunePlan } from "./prune/plan.ts";
import { each } from "./several.ts";
import type { DateSource, PushDate } from "./tags/dates.ts";

interface Place {
  readonly namespace: string;
  readonly repository: string;
}

/** When the tags of a repository were pushed, as Docker Hub tells. */
export function hubDates(hub: Hub, place: Place): DateSource {
  return {
    async *pushDates(wanted, options = {}): AsyncGenerator<PushDate> {
      try {
        for await (const tag of hub.tags.list(place, options)) {
          const pushed = Date.parse(tag.tag_last_pushed ?? tag.last_updated ?? "");
          if (!wanted.has(tag.name) || Number.isNaN(pushed)) continue;
          const digest = digestOf(tag);
          yield { tag: tag.name, pushed, ...(digest && { digest }) };
        }
      } catch (error) {
        // The registry can do without: what it holds is dated by what it says itself.
        if (!isError(error, "NOT_FOUND", "FORBIDDEN", "CONNECTION_FAILED", "SERVER_ERROR"))
          throw error;
        throw new WharfError("UNSUPPORTED", error.message, { cause: error });
      }
    },
  };
}

/**
 * A repository of Docker Hub as a store of tags: lists, resolves and deletes them by the API.
 *
 * What a list told is believed until {@link HubTags.again} is called: a plan then costs a request for each hundred tags,
 * and what is done afterwards looks at each tag once more.
 */
export class HubTags
  implements Resolver, Fetcher, TagLister, DateSource, Pick<Deleter, "deleteTag">
{
  readonly #hub: Hub;
  readonly #place: Place;
  readonly #content: Fetcher;
  readonly #listed = new Map<string, Tag>();

  /** @param content the same repository in the registry, for images that have no date */
  constructor(hub: Hub, place: Place, content: Fetcher) {
    this.#hub = hub;
    this.#place = place;
    this.#content = content;
  }

  /** From here on each tag is asked for anew. */
  again(): void {
    this.#listed.clear();
  }

  async *listTags(options: Cancellable = {}): AsyncGenerator<string> {
    for await (const tag of this.#hub.tags.list(this.#place, options)) {
      this.#listed.set(tag.name, tag);
      yield tag.name;
    }
  }

  async resolve(reference: string, options: Cancellable = {}): Promise<Descriptor> {
    const tag = this.#listed.get(reference) ?? (await this.#ask(reference, options));
    const digest = digestOf(tag);
    if (digest === undefined) {
      throw new WharfError("MANIFEST_NOT_FOUND", `Docker Hub does not say what ${reference} names`);
    }
    return { mediaType: tag.media_type ?? mediaTypes.ociIndex, digest, size: 0 };
  }

  async deleteTag(tag: string, { signal }: Cancellable = {}): Promise<void> {
    try {
      await this.#hub.tags.delete(
        { ...this.#place, tag },
        { confirm: true, ...(signal && { signal }) },
      );
    } catch (error) {
      throw missing(error);
    }
  }

  async *pushDates(wanted: ReadonlySet<string>): AsyncGenerator<PushDate> {
    for (const { name, tag_last_pushed, last_updated } of this.#listed.values()) {
      const pushed = Date.parse(tag_last_pushed ?? last_updated ?? "");
      if (wanted.has(name) && !Number.isNaN(pushed)) yield { tag: name, pushed };
    }
  }

  fetchManifest(...given: Parameters<Fetcher["fetchManifest"]>) {
    return this.#content.fetchManifest(...given);
  }

  fetchBlob(...given: Parameters<Fetcher["fetchBlob"]>) {
    return this.#content.fetchBlob(...given);
  }

  async #ask(tag: string, { signal }: Cancellable): Promise<Tag> {
    try {
      return await this.#hub.tags.get({ ...this.#place, tag }, signal ? { signal } : {});
    } catch (error) {
      throw missing(error);
    }
  }
}

/** What the next tag would meet as well. */
const fatal = [
  "INTERRUPTED",
  "UNAUTHORIZED",
  "RATE_LIMITED",
  "CONNECTION_FAILED",
  "TIMEOUT",
] as const;

/** Waits for one tag, where Docker Hub counts calls and none is left. */
const mostWaits = 5;

/**
 * Deletes the tags that a plan names, as far as it still holds: one that was moved meanwhile is left alone. Docker Hub
 * deletes a tag alone, so nothing has to be put back. It takes so many calls in a minute: whoever has used them up waits,
 * and then looks at the tag again.
 * @throws WharfError for what the next tag would meet as well; what concerns one tag is told in its event
 */
export async function deleteHubTags(
  tags: HubTags,
  plan: Pick<PrunePlan, "tags">,
  { signal, concurrency = 4, onEvent }: ExecuteOptions = {},
): Promise<PruneResult["tags"]> {
  tags.again();
  const cancel = signal ? { signal } : {};
  const counts = { deleted: 0, left: 0, failed: 0 };
  const remove = async (one: PrunePlan["tags"][number], waits = 0): Promise<PruneEvent> => {
    const { tag, digest } = one;
    try {
      const now = await tags.resolve(tag, cancel);
      if (now.digest !== digest) return { type: "tag", state: "moved", tag, digest: now.digest };
      await tags.deleteTag(tag, cancel);
      return { type: "tag", state: "deleted", tag, digest };
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND")) return { type: "tag", state: "gone", tag, digest };
      if (isError(error, "RATE_LIMITED") && waits < mostWaits) {
        const { retryAfter = Infinity } = error.details;
        if (retryAfter > longestWait) throw error;
        await pause(retryAfter, signal);
        return remove(one, waits + 1);
      }
      if (!isError(error) || isError(error, ...fatal)) throw error;
      return { type: "tag", state: "failed", tag, digest, error };
    }
  };
  const doomed = plan.tags.filter(({ action }) => action === "prune");
  const work = async (one: PrunePlan["tags"][number]) => {
    const event = await remove(one);
    const { state } = event;
    counts[state === "deleted" || state === "failed" ? state : "left"] += 1;
    onEvent?.(event);
  };
  await each(doomed, work, concurrency);
  return counts;
}

/** What Docker Hub says of the whole, else of the only image. */
function digestOf({ digest, images }: Tag): Digest | undefined {
  const only = images?.length === 1 ? images[0]?.digest : undefined;
  const found = digest ?? only;
  return typeof found === "string" && isDigest(found) ? found : undefined;
}

function missing(error: unknown): unknown {
  if (!isError(error, "NOT_FOUND")) return error;
  return new WharfError("MANIFEST_NOT_FOUND", error.message, { ...error.details, cause: error });
}
