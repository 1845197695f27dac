/** Shows credentials to the registry before they are stored. */
import { type Config, registryUrl } from "../config.ts";
import type { Cancellable } from "../http/bytes.ts";
import { responseError } from "../http/errors.ts";
import type { HttpClient } from "../http/http.ts";
import { isLoopback } from "../reference/hosts.ts";
import { createAuthorizedClient } from "./client.ts";
import type { Credentials } from "./credentials.ts";

export interface VerifyOptions extends Cancellable {
  readonly registry: string;
  readonly credentials: Credentials;
  readonly http: HttpClient;
  readonly config?: Pick<Config, "hosts">;
  /** Base address. @default that of the registry, `https://HOST/v2/` */
  readonly url?: URL;
}

/**
 * Asks the registry's base address with the credentials.
 *
 * @returns whether the registry asked for credentials at all
 * @throws WharfError UNAUTHORIZED, CREDENTIALS_NOT_SENT, NOT_A_REGISTRY, and what http throws
 */
export async function verifyCredentials(options: VerifyOptions): Promise<boolean> {
  const { registry, credentials, http, config, signal } = options;
  let asked = false;
  const client = createAuthorizedClient({
    http,
    insist: true,
    ...(config && { config }),
    credentials: {
      async find() {
        asked = true;
        return credentials;
      },
    },
  });
  const url = options.url ?? baseAddress(registry, config);
  const response = await client.request({
    method: "GET",
    registry,
    url,
    ...(signal && { signal }),
  });
  if (response.status !== 200) throw await responseError(response, { code404: "NOT_A_REGISTRY" });
  await response.discard();
  return asked;
}

function baseAddress(registry: string, config: Pick<Config, "hosts"> | undefined): URL {
  const plainHttp = isLoopback(registry);
  const url = registryUrl(registry, config?.hosts(registry) ?? { plainHttp });
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v2/`;
  return url;
}
