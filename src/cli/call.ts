/** What a command is given when it runs; everything that costs time to load is opened when first used. */
import type { AuthorizedClient } from "../auth/client.ts";
import type { Credentials } from "../auth/credentials.ts";
import { loadConfig, type Config } from "../config.ts";
import { parseHost } from "../reference/hosts.ts";
import type { RemoteRegistry, RemoteRepository } from "../registry/remote.ts";
import { usage } from "./flags.ts";
import type { Output } from "./output.ts";

export interface Call<Flags = Readonly<Record<string, unknown>>> {
  readonly arguments: readonly string[];
  readonly flags: Flags;
  readonly output: Output;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly config: Config;
  /** The one client of this process: connections, tokens and limits are shared. */
  client(): Promise<AuthorizedClient>;
  /** HOST as people write it; user and password in it count for this host only. */
  registry(host: string): Promise<RemoteRegistry>;
  repository(name: {
    readonly registry: string;
    readonly repository: string;
  }): Promise<RemoteRepository>;
  close(): Promise<void>;
}

interface OpenOptions {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export function openCall({ positionals, values, output, signal }: OpenOptions): Call {
  const explicit: Record<string, Credentials> = {};
  const plainHttp = [...(values["plain-http"] as string[])];
  const config = loadConfig({
    flags: {
      plainHttp,
      insecure: values.insecure as string[],
      ...(values.config ? { config: values.config as string } : {}),
      debug: values.debug === true,
    },
  });
  let opened: Promise<AuthorizedClient> | undefined;
  const client = () => (opened ??= openClient(config, explicit, values, output));

  return {
    arguments: positionals,
    flags: values,
    output,
    signal,
    config,
    client,
    async registry(host) {
      const { connect } = await import("../registry/remote.ts");
      const parsed = parseHost(host);
      if (parsed.username !== undefined)
        explicit[parsed.registry] = {
          kind: "basic",
          username: parsed.username,
          password: parsed.password ?? "",
        };
      return connect(host, { config, client: await client() });
    },
    async repository({ registry, repository }) {
      const { connect } = await import("../registry/remote.ts");
      return connect(registry, { config, client: await client() }).repository(repository);
    },
    async close() {
      if (opened) await (await opened).close();
    },
  };
}

async function openClient(
  config: Config,
  explicit: Record<string, Credentials>,
  values: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<AuthorizedClient> {
  const [{ createHttpClient }, { createAuthorizedClient }, { findCredentials }] = await Promise.all(
    [import("../http/client.ts"), import("../auth/client.ts"), import("../auth/credentials.ts")],
  );
  for (const text of values.credentials as string[]) await readCredentials(text, explicit);
  const http = createHttpClient({
    config,
    onWarning: (text, host) => output.warn(`${host}: ${text}`),
    ...(config.debug ? { onTrace: await tracer(output) } : {}),
  });
  return createAuthorizedClient({ http, config, credentials: findCredentials({ explicit }) });
}

async function tracer(output: Output) {
  const { formatTrace } = await import("../http/trace.ts");
  return (event: Parameters<typeof formatTrace>[0]) =>
    void output.stderr.write(`${formatTrace(event)}\n`);
}

/** `HOST=USER:PASSWORD`, or `HOST=@FILE` with `USER:PASSWORD` on the file's first line. */
async function readCredentials(text: string, explicit: Record<string, Credentials>): Promise<void> {
  const equals = text.indexOf("=");
  const host = text.slice(0, equals);
  let pair = text.slice(equals + 1);
  if (equals > 0 && pair.startsWith("@")) {
    const { readFile } = await import("node:fs/promises");
    pair = (await readFile(pair.slice(1), "utf8")).split(/\r?\n/)[0]!;
  }
  const colon = pair.indexOf(":");
  if (equals < 1 || colon < 1)
    throw usage(
      "--credentials is HOST=USER:PASSWORD or HOST=@FILE",
      "The file holds USER:PASSWORD",
    );
  explicit[parseHost(host).registry] = {
    kind: "basic",
    username: pair.slice(0, colon),
    password: pair.slice(colon + 1),
  };
}
