/** The repositories of a run: each opened once, and closed when its last user is done. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { WharfError } from "../errors.ts";
import type { RemoteRegistry } from "../registry/remote.ts";
import type { LayoutStore } from "../store/layout/layout.ts";
import type {
  Deleter,
  ReferrerLister,
  Repository,
  RepositoryCollection,
  Source,
  TagLister,
  Tagger,
  Target,
} from "../store/store.ts";
import type { Budgets } from "./budgets.ts";
import type { RegistryPlace, RepositoryPlace } from "./entry.ts";

/** What is copied from. */
export type SourceStore = Source & TagLister & Partial<ReferrerLister>;
/** What is copied to. */
export type TargetStore = Source & Target & TagLister & Deleter & Tagger & Partial<ReferrerLister>;

export interface Lease<Store> {
  readonly store: Store;
  /** Whether it is of a registry at the other end of a network. */
  readonly remote: boolean;
  /** To be called once. */
  done(): Promise<void>;
}

export interface StoresOptions {
  /** Opens a registry; who passes this closes it. */
  readonly registry: (host: string) => Promise<RemoteRegistry>;
  readonly budgets: Budgets;
}

interface Shared {
  readonly opening: Promise<LayoutStore>;
  users: number;
}

export class Stores {
  readonly #options: StoresOptions;
  readonly #layouts = new Map<string, Shared>();
  readonly #collections = new Map<string, Promise<RepositoryCollection>>();

  constructor(options: StoresOptions) {
    this.#options = options;
  }

  /** @throws WharfError FILE_NOT_FOUND, LAYOUT_INVALID for a source that is not there */
  async source(place: RepositoryPlace): Promise<Lease<SourceStore>> {
    const lease = await this.#open(place, false);
    if (place.transport === "docker") this.#options.budgets.guard(lease.store, place.registry);
    return lease;
  }

  target(place: RepositoryPlace): Promise<Lease<TargetStore>> {
    return this.#open(place, true);
  }

  /**
   * All repositories of a registry.
   * @throws WharfError FILE_NOT_FOUND where a data directory is to be read, and is not there
   */
  async collection(
    place: RegistryPlace,
    { create }: { readonly create: boolean },
  ): Promise<RepositoryCollection> {
    if (place.transport === "docker") return this.#options.registry(place.registry);
    if (!create && !existsSync(join(place.path, "repositories")))
      throw new WharfError("FILE_NOT_FOUND", `${place.path}: is no registry's data directory`, {
        hint: "Name a folder that `wharf registry serve` or an entry with `type: registry` made.",
      });
    let opening = this.#collections.get(place.path);
    if (opening === undefined) {
      const { openCollection } = await import("../store/collection/collection.ts");
      opening = openCollection(place.path);
      this.#collections.set(place.path, opening);
    }
    return opening;
  }

  async close(): Promise<void> {
    const layouts = Array.from(this.#layouts.values(), ({ opening }) => opening);
    for (const opening of [...layouts, ...this.#collections.values()]) {
      // Who wanted it has heard of a failure.
      const store = await opening.catch(() => undefined);
      await store?.close();
    }
  }

  async #open(place: RepositoryPlace, create: boolean): Promise<Lease<Repository>> {
    if (place.transport === "oci") return this.#lease(place.path, create);
    const remote = place.transport === "docker";
    const registry = remote
      ? await this.#options.registry(place.registry)
      : await this.collection({ transport: "data", path: place.path }, { create });
    return { store: registry.repository(place.repository), remote, done: async () => {} };
  }

  async #lease(path: string, create: boolean): Promise<Lease<Repository>> {
    const key = `${create} ${path}`;
    const shared = this.#layouts.get(key) ?? { opening: this.#openLayout(path, create), users: 0 };
    this.#layouts.set(key, shared);
    shared.users += 1;
    const done = async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#layouts.delete(key);
      await (await shared.opening).close();
    };
    try {
      return { store: await shared.opening, remote: false, done };
    } catch (error) {
      this.#layouts.delete(key);
      throw error;
    }
  }

  async #openLayout(path: string, create: boolean): Promise<LayoutStore> {
    const { openLayout } = await import("../store/layout/layout.ts");
    return openLayout(path, { create, durability: "none" });
  }
}
