/** Where the services of Docker Hub are, for this client. */
import { type Config, type HostSettings, registryUrl } from "../../config.ts";
import { WharfError } from "../../errors.ts";
import type { Service } from "../../operation.ts";

export interface AddressOptions {
  readonly url?: string;
  readonly scoutUrl?: string;
  readonly authUrl?: string;
  readonly registryUrl?: string;
  readonly config?: Config | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The address of each service, looked up when it is needed.
 * @throws WharfError CONFIG_INVALID for one that is no http address
 */
export function addressesOf(options: AddressOptions): (service: Service) => URL {
  const { config, environment } = options;
  const settings = () => config?.hosts("docker.io") ?? {};
  const known = new Map<Service, URL>();
  const find: Readonly<Record<Service, () => string>> = {
    hub: () =>
      options.url || environment["DOCKERHUB_URL"] || settings().hubUrl || "https://hub.docker.com",
    scout: () =>
      options.scoutUrl ||
      environment["DOCKER_SCOUT_URL"] ||
      settings().scoutUrl ||
      "https://api.scout.docker.com",
    auth: () => options.authUrl || authUrl(settings()),
    registry: () => options.registryUrl || registryUrl("docker.io", settings()).href,
  };
  return (service) => {
    let url = known.get(service);
    if (url === undefined) known.set(service, (url = parsed(service, find[service]())));
    return url;
  };
}

/** A mirror alone has no tokens of its own; who has all of Docker Hub elsewhere does. */
function authUrl({ url, hubUrl, authUrl: own }: HostSettings): string {
  if (own !== undefined) return own;
  return url !== undefined && hubUrl !== undefined
    ? registryUrl("docker.io", { url }).origin
    : "https://auth.docker.io";
}

function parsed(service: Service, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new WharfError("CONFIG_INVALID", `The address of ${service} is no http address`, {
      hint: "Write for example https://hub.docker.com or http://127.0.0.1:5000/hub.",
    });
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new WharfError(
      "CONFIG_INVALID",
      `The address of ${service} has more than host and path`,
      {
        hint: "Give credentials apart from the address.",
      },
    );
  }
  return url;
}

/** The address of a path below a service's own. */
export function below(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/$/, "") + path, base);
}

/** Whether an address is one of Docker's own. */
export function isDocker({ protocol, hostname }: URL): boolean {
  return protocol === "https:" && /^(?:.+\.)?docker\.(?:com|io)$/.test(hostname);
}

/**
 * The name under which docker's files have the credentials for a Docker Hub: those for docker.io are not sent to another
 * address, unless the configuration says that docker.io's API is there.
 */
export function registryAt(url: URL, config: Config | undefined): string {
  const configured = config?.hosts("docker.io").hubUrl;
  const known = configured !== undefined && new URL(configured).href === url.href;
  return known || isDocker(url) ? "docker.io" : url.host;
}
