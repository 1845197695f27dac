/** Stores that tell what is asked of them, and can be made to misbehave. */

export interface Observation {
  /** Makes the store look like a repository of a registry. */
  readonly registry?: string;
  readonly name?: string;
  /** Called before each method; what it throws, the method throws. */
  readonly before?: (method: string, argument: string) => unknown;
  /** Methods to be replaced, or taken away. */
  readonly replace?: Readonly<Record<string, unknown>>;
}

export interface Calls {
  /** Each call as `METHOD ARGUMENT`, where the argument is a tag or digest. */
  readonly calls: string[];
  /** Calls of the methods named, all without. */
  count(...methods: string[]): number;
  /** The most calls that were running at once. */
  readonly peak: number;
}

const inner = new WeakMap<object, object>();

/** `store`, with an eye on it. */
export function observed<Store extends object>(
  store: Store,
  { registry, name, before, replace = {} }: Observation = {},
): Store & Calls {
  const calls: string[] = [];
  let running = 0;
  let peak = 0;
  const extra: Record<string, unknown> = {
    ...(registry !== undefined && { registry, name: name ?? "test" }),
    ...replace,
    calls,
    count: (...methods: string[]) =>
      calls.filter((call) => methods.length === 0 || methods.includes(call.split(" ")[0]!)).length,
  };
  const proxy = new Proxy(store, {
    // To stores that know their own kind, this is none of them.
    getPrototypeOf: () => null,
    get(target, property) {
      if (property === "peak") return peak;
      const own = typeof property === "string" && Object.hasOwn(extra, property);
      const value: unknown = own ? extra[property] : Reflect.get(target, property, target);
      if (typeof value !== "function" || property === "count") return value;
      if (property === "canMount") return (other: object) => value.call(target, unwrap(other));
      return (...args: unknown[]) => {
        const argument = describe(args[0]);
        calls.push(`${String(property)} ${argument}`.trim());
        const open = args.map((arg) => (property === "mountBlob" ? unwrap(arg) : arg));
        const call = async () => {
          running += 1;
          peak = Math.max(peak, running);
          try {
            await before?.(String(property), argument);
            return await value.apply(target, open);
          } finally {
            running -= 1;
          }
        };
        if (!String(property).startsWith("list")) return call();
        before?.(String(property), argument);
        return value.apply(target, open);
      };
    },
  }) as Store & Calls;
  inner.set(proxy, store);
  return proxy;
}

function unwrap(value: unknown): unknown {
  return (typeof value === "object" && value !== null && inner.get(value)) || value;
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  const { digest, descriptor } = (value ?? {}) as {
    digest?: string;
    descriptor?: { digest: string };
  };
  return digest ?? descriptor?.digest ?? "";
}
