/** How a verb of registries is declared, and what its `run` is given. */
import type * as z from "zod";
import { loadConfig } from "../../config.ts";
import type { Declaration, Operation, Paging } from "../../operation.ts";
import {
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from "../../reference/reference.ts";
import { connect, type ConnectOptions, type RemoteRegistry } from "../../registry/remote.ts";
import type { RemoteRepository } from "../../registry/repository.ts";

/** What the `run` of a verb is given. */
export interface RegistryTools {
  /** The registry of that host, as references write it. */
  registry(host: string): RemoteRegistry;
  readonly signal?: AbortSignal;
}

/** Registries by their hosts. */
export interface OpenedRegistries extends Pick<RegistryTools, "registry"> {
  close(): Promise<void>;
}

/** Opens registries as references name them; each is connected once, when it is needed. */
export function openRegistries(options: ConnectOptions = {}): OpenedRegistries {
  const known = new Map<string, RemoteRegistry>();
  let config = options.config;
  return {
    registry(host) {
      let registry = known.get(host);
      if (registry === undefined) {
        config ??= loadConfig();
        known.set(host, (registry = connect(host, { ...options, config })));
      }
      return registry;
    },
    async close() {
      await Promise.all(Array.from(known.values(), (registry) => registry.close()));
      known.clear();
    },
  };
}

/** What a reference names: where it is, and what to ask for there. */
export interface Named {
  readonly repository: RemoteRepository;
  readonly reference: Reference;
  /** Tag or digest; `latest` where neither was written. */
  readonly wanted: string;
  /** In full: `docker.io/library/nginx:latest`. */
  readonly name: string;
}

/** @throws WharfError REFERENCE_INVALID, DIGEST_INVALID */
export function find(tools: RegistryTools, text: string): Named {
  const reference = parseReference(text);
  const whole = withDefaultTag(reference);
  const repository = tools.registry(reference.registry).repository(reference.repository);
  const wanted = whole.digest ?? whole.tag ?? "latest";
  return { repository, reference, wanted, name: formatReference(whole) };
}

/** The signal of tools, as functions take it. */
export const only = ({ signal }: RegistryTools) => (signal === undefined ? {} : { signal });

interface Definition<Input extends z.ZodObject, Output, Items extends string> extends Declaration {
  readonly input: Input;
  readonly output: z.ZodType<Output>;
  readonly paging?: Paging<Items>;
  run(input: z.output<Input>, tools: RegistryTools): Promise<Output>;
}

type ItemsOf<Output, Items extends string> =
  Output extends Readonly<Record<Items, readonly (infer Item)[]>> ? Item : never;

/** Declares a verb of registries. */
export function verb<Input extends z.ZodObject, Output, Items extends string = never>(
  definition: Definition<Input, Output, Items>,
): Operation<z.input<Input>, Output, [Items] extends [never] ? never : ItemsOf<Output, Items>> {
  return { service: "registry", ...definition } as Operation<z.input<Input>, Output, never>;
}
