/**
 * Where webhooks may be sent: to this machine, and to hosts that whoever started the sandbox has named. Everybody who reaches
 * the sandbox can set webhooks, and nothing may leave it, or come to a neighbour's server, by a test.
 */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

import { isLoopback } from "../../reference/hosts.ts";

/** Says no for an address that is not to be called. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
  constructor(host: string) {
    super(`${host} is not this machine; allow it with --allow-webhooks-to ${host}`);
  }
}

/** @param allowed hosts, with or without a port, in lower case */
export function isAllowed(url: URL, allowed: readonly string[]): boolean {
  return allowed.includes(url.hostname) || allowed.includes(url.host);
}

/**
 * What a connection looks names up with, so that what is checked is what is connected to: of a name's addresses only those of
 * this machine are left. Node does not look up what is an address already.
 */
export const lookupLoopback: LookupFunction = (hostname, options, callback) => {
  void import("node:dns").then(({ lookup }) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, "", 0);
      const found = addresses.filter(({ address }) => isLoopback(address));
      const [first] = found;
      if (!first) return callback(new AddressRefused(hostname), "", 0);
      if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  });
};
