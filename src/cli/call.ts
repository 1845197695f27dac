/** What a command is given when it runs; everything that costs time to load is opened when first used. */
import type { AuthorizedClient } from "../auth/client.ts";
import { loadConfig, type Config } from "../config.ts";
import type { RemoteRegistry, RemoteRepository } from "../registry/index.ts";
import type { LocationContext } from "../transfer/location.ts";
import { Explicit } from "./explicit.ts";
import { Output } from "./output.ts";
import type { Progress } from "./progress.ts";

export interface Call<Flags = Readonly<Record<string, unknown>>> {
  readonly arguments: readonly string[];
  readonly flags: Flags;
  readonly output: Output;
  /** Standard input; who does not ask for it leaves it alone. */
  readonly stdin: NodeJS.ReadStream;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly config: Config;
  readonly credentials: Explicit;
  /** The one client of this process: connections, tokens and limits are shared. */
  client(): Promise<AuthorizedClient>;
  /** HOST as people write it; user and password in it count for this host only. */
  registry(host: string): Promise<RemoteRegistry>;
  repository(name: {
    readonly registry: string;
    readonly repository: string;
  }): Promise<RemoteRepository>;
  /** What opening a location needs. */
  openContext(): Promise<LocationContext>;
  /** Bars or lines on stderr for whoever wants them; the caller stops them. */
  progress(): Promise<Progress | undefined>;
  /** Runs when the command is over. */
  onClose(close: () => Promise<void>): void;
  close(): Promise<void>;
}

interface OpenOptions {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  /** Those of flags that every command has. */
  readonly globals: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export function openCall({ positionals, values, globals, signal }: OpenOptions): Call {
  const output = new Output({ json: globals.json === true, quiet: globals.quiet === true });
  const config = loadConfig({
    flags: {
      plainHttp: globals["plain-http"] as string[],
      insecure: globals.insecure as string[],
      ca: globals.ca as string[],
      cert: globals.cert as string[],
      key: globals.key as string[],
      ...(globals.config ? { config: globals.config as string } : {}),
      ...(globals.debug ? { debug: true } : {}),
    },
  });
  const credentials = new Explicit(globals.credentials as readonly string[]);
  const registries = new Map<string, RemoteRegistry>();
  const closers: (() => Promise<void>)[] = [];
  let opened: Promise<AuthorizedClient> | undefined;
  const client = () => (opened ??= openClient(config, credentials, output));
  let stdin: NodeJS.ReadStream | undefined;

  const registry = async (host: string) => {
    let found = registries.get(host);
    if (!found) {
      const { connect } = await import("../registry/remote.ts");
      credentials.readHost(host);
      found = connect(host, { config, credentials, client: await client() });
      registries.set(host, found);
    }
    return found;
  };
  return {
    arguments: positionals,
    flags: values,
    output,
    get stdin() {
      return (stdin ??= process.stdin);
    },
    signal,
    config,
    credentials,
    client,
    registry,
    repository: async ({ registry: host, repository }) =>
      (await registry(host)).repository(repository),
    openContext: async () => ({
      config,
      credentials,
      client: await client(),
      signal,
      stdout: output.stdout,
    }),
    async progress() {
      if (output.json || output.quiet) return undefined;
      const { Progress } = await import("./progress.ts");
      return new Progress(output);
    },
    onClose: (close) => void closers.push(close),
    async close() {
      // A pipe that goes on for ever must not keep us.
      if (stdin && !stdin.isTTY) stdin.destroy();
      for (const close of closers) await close();
      for (const found of registries.values()) await found.close();
      if (opened) await (await opened).close();
    },
  };
}

async function openClient(
  config: Config,
  credentials: Explicit,
  output: Output,
): Promise<AuthorizedClient> {
  // A slip in a flag shall be told, even where nobody asks for credentials.
  await credentials.check();
  const [{ createHttpClient }, { createAuthorizedClient }] = await Promise.all([
    import("../http/client.ts"),
    import("../auth/client.ts"),
  ]);
  const { connect, headers, idle } = config.timeouts;
  const http = createHttpClient({
    config,
    ...(connect === undefined ? {} : { connectTimeout: connect }),
    ...(headers === undefined ? {} : { headersTimeout: headers }),
    ...(idle === undefined ? {} : { idleTimeout: idle }),
    ...(config.retries === undefined ? {} : { retries: config.retries }),
    onWarning: (text, host) => output.warn(`${host}: ${text}`),
    ...(config.debug ? { onTrace: await tracer(output) } : {}),
  });
  return createAuthorizedClient({ http, config, credentials });
}

async function tracer(output: Output) {
  const { formatTrace } = await import("../http/trace.ts");
  return (event: Parameters<typeof formatTrace>[0]) => output.say(formatTrace(event));
}
