/** Who is told of what happens to content. */
import type { Config } from "../../config.ts";
import type { EndpointCounts } from "../../distribution/notifications/report.ts";
import type { Flag, FlagValues } from "../command.ts";
import { usage } from "../flags.ts";
import { printable } from "../format.ts";
import type { Output } from "../output.ts";
import type { DataFlags } from "./data.ts";
import type { Part } from "./part.ts";

export const notificationFlags = {
  notify: {
    about: "Tell this address of every push, pull and deletion, by a POST",
    value: "URL",
    repeated: true,
  },
  notifications: {
    about: "Tell the endpoints of this file, which may have header fields and filters (YAML)",
    value: "FILE",
  },
} as const satisfies Record<string, Flag>;

export interface NotificationsPart extends Part {
  /** What the endpoints have got, and what waits; absent where there are none. */
  readonly counts?: () => readonly EndpointCounts[];
}

/** @throws WharfError USAGE, CONFIG_INVALID, FILE_NOT_FOUND, FILE_FAILED, DISK_FULL */
export async function notificationsPart(
  flags: FlagValues<typeof notificationFlags> & DataFlags,
  config: Config,
  output: Output,
): Promise<NotificationsPart> {
  const { notify, notifications } = flags;
  if (notify.length === 0 && notifications === undefined) return {};
  const [{ endpointOf, named, readEndpoints }, { openNotifier }] = await Promise.all([
    import("../../distribution/notifications/file.ts"),
    import("../../distribution/notifications/notifier.ts"),
  ]);
  const given = notify.map((address) => {
    const endpoint = endpointOf(address);
    if (!endpoint) throw usage("--notify is an address such as https://ci.example.com/hook");
    return endpoint;
  });
  const read = notifications === undefined ? [] : await readEndpoints(notifications);
  const notifier = openNotifier({
    endpoints: named([...read, ...given]),
    config,
    ...(!flags.memory && { folder: flags.store }),
    report({ endpoint, state, message }) {
      const time = new Date().toISOString();
      if (output.json)
        return output.say(JSON.stringify({ time, notifications: { endpoint, state, message } }));
      output.say(`${time} notifications: ${printable(`${endpoint}: ${message}`)}`);
    },
  });
  return {
    options: { onEvent: notifier.onEvent },
    counts: () => notifier.counts(),
    close: () => notifier.close(),
  };
}
