/** Remembers what was secret in a request, so that a host which echoes it does not make us print it. */
import type { HttpRequest, HttpResponse } from "./http.ts";
import { hideSecrets, isSecretHeader, secretsInUrl } from "./redact.ts";

/** Shorter ones are found in any text. */
const shortest = 6;

const known = new WeakMap<HttpResponse, HttpRequest>();

/** Notes which request, before any redirect, an answer belongs to. */
export function rememberRequest(response: HttpResponse, request: HttpRequest): void {
  known.set(response, request);
}

/** `text` without the credentials that were sent for this answer. */
export function withoutSecrets(response: HttpResponse, text: string): string {
  const request = known.get(response);
  return request ? hideSecrets(text, secretsOf(request, response.url)) : text;
}

/**
 * The credentials that a request brings, also in its address: storage says of a signature that it does not fit.
 * @param url where the request was redirected to
 */
export function secretsOf(
  { url: original, headers = {}, secretHeaders = [], body }: HttpRequest,
  url = original,
): string[] {
  const secrets = [...secretsInUrl(original), ...(url === original ? [] : secretsInUrl(url))];
  for (const [name, value] of Object.entries(headers)) {
    if (!isSecretHeader(name) && !secretHeaders.includes(name)) continue;
    const [, scheme = "", credential = value] = /^(basic|bearer) +(.*)$/i.exec(value) ?? [];
    secrets.push(credential);
    if (scheme.toLowerCase() === "basic") {
      const login = Buffer.from(credential, "base64").toString();
      secrets.push(login, login.slice(login.indexOf(":") + 1));
    }
  }
  // Token services are sent forms.
  if (body instanceof Uint8Array && headers["content-type"]?.includes("x-www-form-urlencoded")) {
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) {
      if (/password|token|secret/i.test(name)) secrets.push(value);
    }
  }
  // The longest first: one may be part of another.
  return secrets.filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length);
}
