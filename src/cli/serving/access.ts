/** Who may do what: users and passwords, or a token service, and rules. */
import { isLoopback } from "../../reference/hosts.ts";
import type { AccessOptions, TokenService } from "../../distribution/access/access.ts";
import type { Flag, FlagValues } from "../command.ts";
import { usage } from "../flags.ts";
import type { Output } from "../output.ts";
import type { Part } from "./part.ts";

export const accessFlags = {
  htpasswd: {
    about: "Let in the users of this file, whose passwords are hashed with bcrypt",
    value: "FILE",
  },
  "token-realm": { about: "Let in by tokens of the service at this address", value: "URL" },
  "token-service": { about: "Name of this registry with the token service", value: "NAME" },
  "token-issuer": { about: "Name of the token service in its tokens", value: "NAME" },
  "token-cert": {
    about: "Its certificates or public keys (PEM), or its JWKS",
    value: "FILE",
  },
  rules: {
    about: "Who may pull, push and delete where, and which tags are immutable (YAML)",
    value: "FILE",
  },
  "read-only": { about: "Refuse whatever would change content" },
} as const satisfies Record<string, Flag>;

type AccessFlags = FlagValues<typeof accessFlags>;

/** @throws WharfError USAGE, CONFIG_INVALID, FILE_NOT_FOUND, FILE_FAILED */
export async function accessPart(flags: AccessFlags, output: Output): Promise<Part> {
  const readOnly = flags["read-only"];
  const asked = accessOptions(flags);
  if (Object.keys(asked).length === 0) return { options: { readOnly } };
  const { openAccess } = await import("../../distribution/access/access.ts");
  const { close, ...options } = await openAccess({
    ...asked,
    onFailure: ({ message }) => output.warn(`${message}; what was read before holds on`),
  });
  return { options: { readOnly, ...options }, close };
}

function accessOptions(flags: AccessFlags): AccessOptions {
  const tokens = tokenService(flags);
  const { htpasswd, rules } = flags;
  if (tokens && htpasswd !== undefined)
    throw usage("--htpasswd and --token-realm exclude each other");
  return {
    ...(htpasswd !== undefined && { passwords: htpasswd }),
    ...(tokens && { tokens }),
    ...(rules !== undefined && { rules }),
  };
}

const tokenFlags = ["token-realm", "token-service", "token-issuer", "token-cert"] as const;

function tokenService(flags: AccessFlags): TokenService | undefined {
  if (tokenFlags.every((name) => flags[name] === undefined)) return undefined;
  const value = (name: (typeof tokenFlags)[number]) => {
    const given = flags[name];
    if (given !== undefined) return given;
    throw usage(`--${name} is missing`, `A token service takes --${tokenFlags.join(", --")}.`);
  };
  return {
    realm: checkRealm(value("token-realm")),
    service: value("token-service"),
    issuer: value("token-issuer"),
    certFile: value("token-cert"),
  };
}

/** Clients send their passwords there. */
function checkRealm(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw usage(
      `--token-realm is an address such as https://auth.example.com/token, not '${text}'`,
    );
  if (url.username !== "" || url.password !== "")
    throw usage("--token-realm is shown to everybody: no user and password may be in it");
  return text;
}

/** Credentials that anybody on the way could read are worth a word. */
export function warnOfPlainHttp(flags: AccessFlags & TlsGiven, output: Output): void {
  if (flags["tls-cert"] !== undefined || isLoopback(flags.host)) return;
  if (flags.htpasswd !== undefined || flags["token-realm"] !== undefined)
    output.warn(
      "credentials cross the network unencrypted; --tls-cert and --tls-key, or a proxy, prevent that",
    );
}

interface TlsGiven {
  readonly host: string;
  readonly "tls-cert": string | undefined;
}
