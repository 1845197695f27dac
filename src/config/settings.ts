/** What can be configured. Types, and how settings of several sources are laid over each other. */

/** What is said about one registry. All of it is optional; what leaving out means is said with each. */
export interface HostSettings {
  /** Where it is reached in place of its own name: scheme, host, port and path prefix. @default https and its name */
  readonly url?: string;
  /** Where the Docker Hub API that belongs to it is reached. @default https://hub.docker.com for docker.io */
  readonly hubUrl?: string;
  /**
   * Where `/token` of its token service is reached, for who asks there without being sent by the registry.
   * @default the host of `url` where `url` and `hubUrl` are both set, else https://auth.docker.io
   */
  readonly authUrl?: string;
  /** Where Docker Scout is reached. @default https://api.scout.docker.com */
  readonly scoutUrl?: string;
  /** Speak http without TLS. @default true for loopback hosts without other settings, else false */
  readonly plainHttp?: boolean;
  /** Do not check the certificate. @default false */
  readonly insecure?: boolean;
  /** File (PEM) of an authority that is trusted besides the usual ones. */
  readonly ca?: string;
  /** More such files; several `*.crt` in a folder of certificates come here. */
  readonly extraCa?: readonly string[];
  /** File (PEM) of our own certificate. */
  readonly cert?: string;
  /** File (PEM) of its key. @default `cert` holds both */
  readonly key?: string;
  /** Other sites that may ask for this registry's credentials: hosts or addresses. @default none */
  readonly tokenRealms?: readonly string[];
  /** Requests at the same time. @default the caller's */
  readonly concurrency?: number;
  /** Requests begun in a second, at most. @default no limit */
  readonly requestsPerSecond?: number;
}

/** Time-outs in milliseconds; where one is not set, the client's own default holds. */
export interface Timeouts {
  /** Until a connection stands. */
  readonly connect?: number;
  /** Until the head of the answer is here. */
  readonly headers?: number;
  /** Between two pieces of a body. */
  readonly idle?: number;
}

/** What one source says: the file, the environment, the flags. */
export interface Layer {
  /** By the registry's one spelling. */
  readonly hosts: ReadonlyMap<string, HostSettings>;
  /** What is said about all hosts. */
  readonly everywhere?: HostSettings;
  readonly timeouts?: Timeouts;
  /** How often a failed request is repeated. */
  readonly retries?: number;
}

/**
 * Lays settings over each other, the first counts most. `cert` and `key` are one thing, and so are the authorities:
 * half of one source and half of another would not fit. A certificate without key is a file that holds both.
 */
export function mergeSettings(layers: readonly (HostSettings | undefined)[]): HostSettings {
  let merged: HostSettings = {};
  for (const layer of layers) {
    if (layer === undefined) continue;
    const { ca, extraCa, cert, key, ...rest } = layer;
    merged = {
      ...rest,
      ...(merged.cert === undefined && cert !== undefined && { cert, key: key ?? cert }),
      ...(merged.ca === undefined && ca !== undefined && { ca, ...(extraCa && { extraCa }) }),
      ...merged,
    };
  }
  return merged;
}
