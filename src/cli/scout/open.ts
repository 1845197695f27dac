/** The client of Docker Scout for a command. */
import type { Scout } from "../../scout/client.ts";
import type { Call } from "../call.ts";
import { hubCredentials } from "../hub/open.ts";

/** Opens the client that a command's flags, environment and files describe; it is closed with the command. */
export async function openScout(
  call: Pick<Call, "config" | "output" | "credentials" | "onClose">,
): Promise<Scout> {
  const { createScout } = await import("../../scout/client.ts");
  const { config, output } = call;
  const { formatTrace } = await import("../../http/trace.ts");
  const scout = createScout({
    config,
    credentials: () => hubCredentials(call),
    // The command has asked, where there was something to ask.
    allowDestructive: true,
    ...(config.debug && { onTrace: (event) => output.say(formatTrace(event)) }),
  });
  call.onClose(() => scout.close());
  return scout;
}
