/** What the sandbox's token service lets somebody do. */
import type { Stage } from "./stage.ts";

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Somebody of the seed. */
export function seeded(user: string): Login {
  return { user, password: `${user}-password` };
}

/** What `/token` answers who wants to pull from a repository and push to it. */
export async function askToken({ sandbox }: Stage, login: Login | undefined, path: string) {
  const response = await fetch(
    `${sandbox.urls.auth}/token?service=registry.docker.io&scope=repository:${path}:pull,push`,
    login && { headers: { authorization: `Basic ${btoa(`${login.user}:${login.password}`)}` } },
  );
  const { token = "" } = (await response.json()) as { token?: string };
  return { status: response.status, headers: response.headers, token };
}

/** What is granted: `pull,push`, `pull` or nothing; the status where nobody is taken for that. */
export async function mayAt(stage: Stage, login: Login | undefined, path: string) {
  const { status, token } = await askToken(stage, login, path);
  if (status !== 200) return String(status);
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as {
    access: { actions: string[] }[];
  };
  return claims.access.flatMap(({ actions }) => actions).join(",");
}
