/** Flags that commands of Docker Scout share. */
import type { Flag } from "../command.ts";

export const organizationFlag = {
  about: "Organization whose images are searched; without it, public ones",
  value: "ORG",
} as const satisfies Flag;
