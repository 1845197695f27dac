/** What the client knows about the origins it speaks to: settings, limits, addresses, the way there. */
import type { Config, HostSettings } from "../config.ts";
import { isError } from "../errors.ts";
import { isPrivateAddress } from "../reference/hosts.ts";
import { routeTo, type ConnectOptions, type Route } from "./connect.ts";
import { Gate } from "./gate.ts";
import type { Exchange } from "./lane.ts";
import { type ProxyFor, proxiesOf } from "./proxy.ts";
import type { Trust } from "./tls.ts";
import { Recent } from "./recent.ts";
import type { Watcher } from "./watcher.ts";

export interface OriginsOptions {
  readonly config?: Pick<Config, "hosts">;
  readonly settingsFor?: (url: URL) => HostSettings;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds after which a limit gives way to one who waits. */
  readonly patience: number;
  readonly concurrency: number;
  readonly watcher: Watcher;
}

interface Origin {
  readonly settings: HostSettings;
  readonly gate: Gate;
  readonly trust: Trust;
  /** The address last connected to. */
  address?: string;
}

/** Origins that are remembered. Of one that was forgotten only its address is lost; its name then counts as public. */
const originLimit = 256;

export class Origins {
  readonly #options: OriginsOptions;
  readonly #proxyFor: ProxyFor;
  readonly #known = new Recent<Origin>(originLimit, ({ gate }) => gate.busy);

  constructor(options: OriginsOptions) {
    this.#options = options;
    this.#proxyFor = proxiesOf(options.environment);
  }

  gate(url: URL): Gate {
    return this.#origin(url).gate;
  }

  route({ url, guarded }: Exchange): Route {
    return routeTo(url, guarded, this.#proxyFor(url));
  }

  /** How to connect, where no open connection is left. */
  connecting(route: Route, url: URL): ConnectOptions {
    const { connectTimeout, watcher } = this.#options;
    const origin = this.#origin(url);
    const begun = performance.now();
    return {
      timeout: connectTimeout,
      trust: origin.trust,
      onAddress: (address) => (origin.address = address),
      onEnd: (error) => watcher.connected(route, url, performance.now() - begun, error),
    };
  }

  /** Whether a host is known to be outside: by its address, or by the one it was last connected under. */
  isPublic(url: URL): boolean {
    return !isPrivateAddress(this.#origin(url).address ?? url.hostname);
  }

  #origin(url: URL): Origin {
    return this.#known.get(url.origin, () => {
      const { patience, concurrency, environment } = this.#options;
      const settings = this.#settings(url);
      const { requestsPerSecond, insecure, ca, extraCa = [], cert, key } = settings;
      const roots = environment["SSL_CERT_FILE"] || undefined;
      return {
        settings,
        gate: new Gate(settings.concurrency ?? concurrency, patience, requestsPerSecond),
        trust: { insecure, authorities: ca ? [ca, ...extraCa] : [], cert, key, roots },
      };
    });
  }

  #settings(url: URL): HostSettings {
    const { settingsFor, config } = this.#options;
    if (settingsFor) return settingsFor(url);
    try {
      return config?.hosts(url.host) ?? {};
    } catch (error) {
      // A redirect may lead to a host that cannot be a registry's name, and so has no settings: `a_b.example`.
      if (isError(error, "REFERENCE_INVALID")) return {};
      throw error;
    }
  }
}
