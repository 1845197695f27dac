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

export const serveFlags = {
  ...dataFlags,
  ...addressFlags,
  ...tlsFlags,
  ...accessFlags,
  ...contentFlags,
  ...collectingFlags,
  ...notificationFlags,
  ...logFlags,
  ...accessLogFlags,
  ...metricsFlags,
  quickstart: { about: "--seed, another port where it is taken, and commands to try" },
} as const satisfies Record<string, Flag>;

export type ServeFlags = FlagValues<typeof serveFlags>;
