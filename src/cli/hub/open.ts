/** The client of Docker Hub for a command. */
import type { HubCredentials } from "../../hub/client/credentials.ts";
import type { Hub } from "../../hub/client/hub.ts";
import type { Call } from "../call.ts";

type Needed = Pick<Call, "config" | "output" | "credentials" | "onClose">;

/** Opens the client that a command's flags, environment and files describe; it is closed with the command. */
export async function openHub(call: Needed): Promise<Hub> {
  return openHubAs(call, () => hubCredentials(call));
}

/** The same, for somebody else than the files say. */
export async function openHubAs(
  call: Needed,
  credentials: HubCredentials | (() => Promise<HubCredentials>),
): Promise<Hub> {
  const { createHub } = await import("../../hub/client/hub.ts");
  const { config, output } = call;
  const { readSecret } = await import("../../auth/environment.ts");
  const scimToken = readSecret(process.env, "DOCKERHUB_SCIM_TOKEN");
  const hub = createHub({
    config,
    credentials,
    // The command has asked, where there was something to ask.
    allowDestructive: true,
    ...(scimToken && { scimToken }),
    ...(config.debug && { onTrace: await tracer(output) }),
  });
  call.onClose(() => hub.close());
  return hub;
}

/** Who signs in: what the command line says, else the environment, a session that was opened, docker's files. */
export async function hubCredentials({
  config,
  credentials,
}: Pick<Call, "config" | "credentials">): Promise<HubCredentials> {
  const [{ findHubCredentials }, { addressesOf, registryAt }] = await Promise.all([
    import("../../hub/client/credentials.ts"),
    import("../../hub/client/addresses.ts"),
  ]);
  const url = addressesOf({ config, environment: process.env })("hub");
  // What was said for docker.io is not for whoever stands in its place by an address alone.
  const registry = registryAt(url, config);
  const given = await credentials.given(registry);
  if (given?.kind === "basic")
    return { kind: "secret", identifier: given.username, secret: given.password };
  return findHubCredentials({ files: credentials, url, registry });
}

async function tracer(output: Call["output"]) {
  const { formatTrace } = await import("../../http/trace.ts");
  return (event: Parameters<typeof formatTrace>[0]) => output.say(formatTrace(event));
}
