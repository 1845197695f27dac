/** Requests to the sandbox's registry, with a token of its token service. */
import type { Stage } from "./stage.ts";

export const index = "application/vnd.oci.image.index.v1+json";

/** An index of nothing; another for each note. */
export function emptyIndex(note = ""): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: index,
    manifests: [],
    ...(note !== "" && { annotations: { note } }),
  });
}

/** @returns sends a request about one repository, such as `GET manifests/latest` */
export async function registryFor(
  { sandbox }: Pick<Stage, "sandbox">,
  who: string | undefined,
  repository: string,
  actions = "pull,push",
): Promise<(method: string, path: string, body?: string, type?: string) => Promise<Response>> {
  const scope = encodeURIComponent(`repository:${repository}:${actions}`);
  const response = await fetch(
    `${sandbox.urls.auth}/token?service=registry.docker.io&scope=${scope}`,
    who === undefined
      ? {}
      : { headers: { authorization: `Basic ${btoa(`${who}:${who}-password`)}` } },
  );
  const { token } = (await response.json()) as { token: string };
  return (method, path, body, type) =>
    fetch(`${sandbox.url}/v2/${repository}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(type !== undefined && { "content-type": type }),
      },
      ...(body !== undefined && { body }),
    });
}
