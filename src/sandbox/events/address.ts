/**
 * Where webhooks may be sent: to this machine, and to hosts that whoever started the sandbox has named; never to the sandbox
 * itself. Everybody who reaches it can set webhooks, and nothing may leave it, come to a neighbour's server, or do by its own
 * control what only this machine may, by a test.
 */
import type { LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";

import { isLoopback } from "../../reference/hosts.ts";

/** Says no for an address that is not to be called. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

/** Whom webhooks may reach. */
export interface Reach {
  /** Hosts besides this machine, with or without a port, in lower case. */
  readonly allowed: readonly string[];
  /** Ports on which the sandbox listens itself. */
  readonly own: ReadonlySet<number>;
}

/**
 * What a connection looks names up with, so that what is checked is what is connected to: of a name's addresses only those
 * that may be called are left. Node does not look up what is an address already, so that is checked here.
 * @throws AddressRefused
 */
export function lookupFor(url: URL, { allowed, own }: Reach): LookupFunction {
  const isKnown = allowed.includes(url.hostname) || allowed.includes(url.host);
  const isOwnPort = own.has(portOf(url));
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const refusal = (address: string): AddressRefused | undefined => {
    if (!isKnown && !isLoopback(address))
      return new AddressRefused(
        `${host} is not this machine; allow it with --allow-webhooks-to ${host}`,
      );
    if (isOwnPort && isThisMachine(address))
      return new AddressRefused(`${url.host} is the sandbox itself; no webhook is sent there`);
    return undefined;
  };
  if (isIP(host) !== 0) {
    const refused = refusal(host);
    if (refused) throw refused;
  }
  return (hostname, options, callback) => {
    void import("node:dns").then(({ lookup }) => {
      lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        if (error) return callback(error, "", 0);
        const found = addresses.filter(({ address }) => refusal(address) === undefined);
        const [first] = found;
        const [none] = addresses;
        if (!first) return callback(refusal(none?.address ?? "")!, "", 0);
        if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      });
    });
  };
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** Whether a connection to an address ends here; systems take "any address" for that, too. */
function isThisMachine(address: string): boolean {
  const here = new BlockList();
  here.addSubnet("127.0.0.0", 8);
  here.addAddress("0.0.0.0");
  for (const six of ["::", "::1"]) here.addAddress(six, "ipv6");
  for (const { address: own, family } of Object.values(networkInterfaces()).flatMap(
    (all) => all ?? [],
  ))
    here.addAddress(own.replace(/%.*/, ""), family === "IPv6" ? "ipv6" : "ipv4");
  return here.check(address.replace(/%.*/, ""), isIP(address) === 6 ? "ipv6" : "ipv4");
}
