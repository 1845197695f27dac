/** Targets of a copy. */
import type { Digest } from "../reference/descriptor.ts";
import type { Location } from "../reference/location.ts";
import type { ReferrerLister, Target } from "../store/store.ts";
import { openRepository, type LocationContext } from "./context.ts";
import type { OpenedSource } from "./openSource.ts";

export interface OpenedTarget {
  readonly store: Target & Partial<ReferrerLister>;
  /** What `copy` is to be told as `tag`. */
  readonly tags: readonly string[];
  /** What the image must be, where the location says it. */
  readonly digest?: Digest;
  /** Only images of one platform fit in: no index, nothing that refers to an image. */
  readonly imagesOnly: boolean;
  /** Completes what was written, and closes. */
  finish(): Promise<void>;
  /** Gives up, and closes; content that serves another attempt stays. Harmless after `finish`. */
  abort(): Promise<void>;
}

/**
 * Opens the target of a copy. What does not exist is made.
 * @param from what is copied, for the names that the location leaves out
 *
 * @example
 * const target = await openTarget(parseLocation("docker-archive:-"), source);
 * try {
 *   await copy(source.store, source.reference, target.store, { tag: target.tags });
 *   await target.finish();
 * } finally {
 *   await target.abort();
 * }
 */
export async function openTarget(
  location: Location,
  from: Pick<OpenedSource, "tag" | "name" | "pinned">,
  context: LocationContext = {},
): Promise<OpenedTarget> {
  switch (location.transport) {
    case "docker": {
      const { tag, digest } = location.reference;
      const remote = await openRepository(location.reference, context);
      const { store } = remote;
      const close = once(remote.close);
      const given = tag ?? (digest === undefined ? from.tag : undefined);
      // An image that nothing names is found in a registry only if it gets a name; one asked for by digest needs none.
      const fallback = from.pinned || digest !== undefined ? [] : ["latest"];
      return {
        store,
        tags: given === undefined ? fallback : [given],
        ...(digest !== undefined && { digest }),
        imagesOnly: false,
        finish: close,
        abort: close,
      };
    }
    case "oci": {
      const { openLayout } = await import("../store/layout/layout.ts");
      const durability = context.durable ? "batch" : "none";
      const store = await openLayout(location.path, { create: true, durability });
      const close = once(() => store.close());
      const { digest } = location;
      const tags = tagsOf(location, from);
      return {
        store,
        tags,
        ...(digest !== undefined && { digest }),
        imagesOnly: false,
        finish: close,
        abort: close,
      };
    }
    case "docker-daemon": {
      const { openDaemonTarget } = await import("../store/daemon/daemon.ts");
      const { signal } = context;
      const store = await openDaemonTarget(
        location.reference,
        signal === undefined ? {} : { signal },
      );
      return written(store, []);
    }
    default: {
      const { createArchive } = await import("../store/archive/archive.ts");
      const { path, transport, tag } = location;
      const output = path === "-" && context.stdout !== undefined ? context.stdout : path;
      if (transport === "oci-archive") {
        return written(await createArchive(output, transport), tagsOf(location, from));
      }
      const name = tag ?? from.name;
      const names = name === undefined ? [] : [name];
      return written(await createArchive(output, transport, { names }), []);
    }
  }
}

function tagsOf({ tag }: { readonly tag?: string }, from: { readonly tag?: string }): string[] {
  const given = tag ?? from.tag;
  return given === undefined ? [] : [given];
}

interface Written extends Target, Partial<ReferrerLister> {
  readonly imagesOnly: boolean;
  finish(): Promise<void>;
  abort(): Promise<void>;
}

function written(store: Written, tags: readonly string[]): OpenedTarget {
  return {
    store,
    tags,
    imagesOnly: store.imagesOnly,
    finish: () => store.finish(),
    abort: () => store.abort(),
  };
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}
