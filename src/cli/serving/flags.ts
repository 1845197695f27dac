/** All flags of `wharf registry serve`, in the order of the help; each concern's own stand in its file. */
import type { Flag, FlagValues } from "../command.ts";
import { accessFlags } from "./access.ts";
import { accessLogFlags } from "./accessLog.ts";
import { addressFlags } from "./address.ts";
import { collectingFlags } from "./collecting.ts";
import { contentFlags } from "./content.ts";
import { dataFlags } from "./data.ts";
import { logFlags } from "./log.ts";
import { metricsFlags } from "./metrics.ts";
import { notificationFlags } from "./notifications.ts";
import { tlsFlags } from "./tls.ts";

/** Gives flags the title under which help lists them. */
function under<Flags extends Readonly<Record<string, Flag>>>(group: string, flags: Flags): Flags {
  const titled = Object.entries(flags).map(([name, flag]) => [name, { ...flag, group }]);
  return Object.fromEntries(titled) as Flags;
}

const quickFlags = {
  quickstart: { about: "--seed, another port where it is taken, and commands to try" },
} as const satisfies Record<string, Flag>;

export const serveFlags = {
  ...under("What is served", { ...dataFlags, ...contentFlags, ...quickFlags }),
  ...under("Where", { ...addressFlags, ...tlsFlags }),
  ...under("Who may do what", accessFlags),
  ...under("What is thrown away", collectingFlags),
  ...under("What is told", {
    ...notificationFlags,
    ...logFlags,
    ...accessLogFlags,
    ...metricsFlags,
  }),
} as const satisfies Record<string, Flag>;

export type ServeFlags = FlagValues<typeof serveFlags>;
