/** Which repositories are Docker Hub's, so that its API can do what its registry does not. */
import type { Config } from "../../config.ts";

export interface HubPlace {
  readonly namespace: string;
  readonly repository: string;
}

/**
 * @param repository in full: `docker.io/library/nginx`
 * @returns undefined for what is elsewhere
 */
export function hubPlaceOf(config: Config, repository: string): HubPlace | undefined {
  const [, namespace, name] = /^docker\.io\/([^/]+)\/([^/]+)$/.exec(repository) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  // Who takes images from another place by the name of docker.io has to say where that place's API is.
  const { url, hubUrl } = config.hosts("docker.io");
  if (url !== undefined && hubUrl === undefined && !process.env["DOCKERHUB_URL"]) return undefined;
  return { namespace, repository: name };
}
