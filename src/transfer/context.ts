/** What opening sources and targets has in common. */
import type { Writable } from "node:stream";

import type { AuthorizedClient } from "../auth/client.ts";
import type { CredentialSource } from "../auth/credentials.ts";
import type { Config } from "../config.ts";
import type { RemoteRepository } from "../registry/repository.ts";
import type { Bytes, Cancellable } from "../store/store.ts";

/** What opening a location may need. */
export interface LocationContext extends Cancellable {
  readonly config?: Config;
  readonly credentials?: CredentialSource;
  /** Shared by all registries; the caller closes it. */
  readonly client?: AuthorizedClient;
  /** Opens a repository in the caller's own way; the three above are not used then. */
  readonly repository?: (name: {
    readonly registry: string;
    readonly repository: string;
  }) => Promise<RemoteRepository>;
  /**
   * Whether a copy into a layout ends only when the disk has everything. Without it a power cut may cost what was copied
   * just before, which the next copy sees and fetches again.
   * @default false
   */
  readonly durable?: boolean;
  /** What `-` is read from. @default standard input */
  readonly stdin?: Bytes;
  /** What `-` is written to. @default standard output */
  readonly stdout?: Writable;
}

/** Opens a repository of a registry. */
export async function openRepository(
  name: { readonly registry: string; readonly repository: string },
  { repository, config, credentials, client }: LocationContext,
) {
  if (repository !== undefined) {
    const store = await repository(name);
    return { store, close: () => store.close() };
  }
  const { connect } = await import("../registry/remote.ts");
  const registry = connect(name.registry, {
    ...(config !== undefined && { config }),
    ...(credentials !== undefined && { credentials }),
    ...(client !== undefined && { client }),
  });
  return { store: registry.repository(name.repository), close: () => registry.close() };
}
