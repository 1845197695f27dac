/** Keeps the secrets in use out of errors: a server may repeat in its complaint what it was sent. */
import { WharfError } from "../errors.ts";
import type { Credentials } from "./credentials.ts";

// What is shorter occurs in ordinary words, and hiding it would give it away.
const shortest = 4;

/** All that must not be shown of credentials. */
export function secretsOf(credentials: Credentials): string[] {
  switch (credentials.kind) {
    case "anonymous":
      return [];
    case "basic": {
      const { username, password } = credentials;
      return [password, Buffer.from(`${username}:${password}`, "utf8").toString("base64")];
    }
    default:
      return [credentials.token];
  }
}

/** The same error with `***` wherever one of the secrets stood, also in the spellings of URLs and JSON. */
export function hideSecrets(error: WharfError, secrets: readonly string[]): WharfError {
  const spellings = secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ "": secret }).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
    ]);
  const hide = (text: string): string =>
    spellings.reduce((shown, spelling) => shown.replaceAll(spelling, "***"), text);
  const message = hide(error.message);
  const { registryErrors, url: address, ...details } = error.details;
  const url = address === undefined ? undefined : hide(address);
  const told = registryErrors === undefined ? undefined : JSON.stringify(registryErrors);
  if (message === error.message && url === address && (told === undefined || hide(told) === told))
    return error;
  return new WharfError(error.code, message, {
    ...details,
    ...(url !== undefined && { url }),
    ...(told !== undefined && {
      registryErrors: JSON.parse(hide(told)) as NonNullable<typeof registryErrors>,
    }),
  });
}
