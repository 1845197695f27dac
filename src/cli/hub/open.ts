/** The client of Docker Hub for a command. */
import type { Hub } from "../../hub/client/hub.ts";
import type { Call } from "../call.ts";

/** Opens the client that a command's flags, environment and files describe; it is closed with the command. */
export async function openHub(
  call: Pick<Call, "config" | "output" | "credentials" | "onClose">,
): Promise<Hub> {
  const [{ createHub }, { findHubCredentials }] = await Promise.all([
    import("../../hub/client/hub.ts"),
    import("../../hub/client/credentials.ts"),
  ]);
  const { config, output, credentials } = call;
  const scimToken = process.env["DOCKERHUB_SCIM_TOKEN"];
  const hub = createHub({
    config,
    credentials: async () => {
      const given = await credentials.given("docker.io");
      return given?.kind === "basic"
        ? { kind: "secret", identifier: given.username, secret: given.password }
        : findHubCredentials({ files: credentials });
    },
    // The command has asked, where there was something to ask.
    allowDestructive: true,
    ...(scimToken && { scimToken }),
    ...(config.debug && { onTrace: await tracer(output) }),
  });
  call.onClose(() => hub.close());
  return hub;
}

async function tracer(output: Call["output"]) {
  const { formatTrace } = await import("../../http/trace.ts");
  return (event: Parameters<typeof formatTrace>[0]) => output.say(formatTrace(event));
}
