/** Where the server listens, and by which names it is called. */
import type { Flag, FlagValues } from "../command.ts";
import { wholeNumber } from "../flags.ts";
import type { Part } from "./part.ts";

export const addressFlags = {
  host: { about: "Address to listen on", value: "ADDRESS", preset: "127.0.0.1" },
  port: { about: "Port; 0 is any free one", value: "N", preset: "5000" },
  "host-name": {
    about: "Answer to this name too on a loopback address, as behind a proxy",
    value: "NAME",
    repeated: true,
  },
  "allow-anonymous": {
    about: "Allow an address that others can reach, for everybody to read and write",
  },
} as const satisfies Record<string, Flag>;

/** @throws WharfError USAGE */
export function addressPart(flags: FlagValues<typeof addressFlags>): Part {
  return {
    options: {
      host: flags.host,
      port: wholeNumber("port", flags.port, { from: 0, to: 65_535 }),
      hostNames: flags["host-name"],
      allowAnonymous: flags["allow-anonymous"],
    },
  };
}
