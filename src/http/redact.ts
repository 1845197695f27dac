/** Takes secrets out of what people and logs get to see. */

/**
 * Parameters of signed addresses (S3, Google, Azure, CloudFront, Cloudflare), upload sessions and token services.
 * Rather one too many: who debugs misses little.
 */
const secretParameter =
  /token|sig|secret|passw|credential|key|auth|verify|policy|hmac|state|jwt|session|^code$/i;
/** Values as long as this are no names, and hidden whatever they are. */
const longValue = 200;

const secretHeader =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie$|^(?:proxy-)?authentication-info$|token|secret|api-?key|signature|password/i;

/** Fields that hold an address; that of a token service is in a challenge. */
const addressHeader = /^(?:location|content-location|link|refresh|(?:www|proxy)-authenticate)$/i;

/** Whether a field's value is a credential by its name. */
export function isSecretHeader(name: string): boolean {
  return secretHeader.test(name);
}

/** Secrets that an address may hold because a host put in what it was sent. */
const suspected = new WeakMap<URL, readonly string[]>();

/** Hides these secrets wherever the address is shown. */
export function hideInUrl(url: URL, secrets: readonly string[]): void {
  if (secrets.length > 0) suspected.set(url, secrets);
}

/** `text` with each secret hidden, as it is and as a URL would spell it. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");
  }
  return clean;
}

/** Address without user, password and the values of signing parameters. */
export function redactUrl(url: URL | string): string {
  const secrets = url instanceof URL ? suspected.get(url) : undefined;
  return secrets ? hideSecrets(redacted(url), secrets) : redacted(url);
}

/**
 * A request's target as a server reads it, secrets removed: `/v2/?n=1`; a proxy's client writes the whole address, perhaps
 * with a password (RFC 9112, section 3.2).
 */
export function redactTarget(target: string): string {
  const path = target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
  const mark = path.indexOf("?");
  return mark < 0 ? path : path.slice(0, mark) + redactQuery(path.slice(mark));
}

function redacted(url: URL | string): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  if (copy.search === "") return copy.href;
  const bare = `${copy.protocol}//${copy.host}${copy.pathname}`;
  return bare + redactQuery(copy.search);
}

/**
 * Header fields with the values of secret ones hidden; the scheme of an authorization stays.
 * @param secret names, in lower case, that are secret besides the usual ones
 * @param values that are hidden wherever they stand
 */
export function redactHeaders(
  headers: Iterable<readonly [string, string]>,
  secret: readonly string[] = [],
  values: readonly string[] = [],
): [name: string, value: string][] {
  return Array.from(headers, ([name, value]) => [
    name,
    hideSecrets(redactHeader(name, value, secret), values),
  ]);
}

function redactHeader(name: string, value: string, secret: readonly string[]): string {
  if (isSecretHeader(name) || secret.includes(name.toLowerCase())) {
    const scheme = /^(?:basic|bearer) /i.exec(value)?.[0] ?? "";
    return `${scheme}***`;
  }
  if (!addressHeader.test(name)) return value;
  return value.replace(/\/\/[^/@\s]*@/g, "//").replace(/\?[^\s>"]*/g, redactQuery);
}

/** What is hidden in an address: its password, and the values of its secret parameters as they are and decoded. */
export function secretsInUrl({ password, search }: URL): string[] {
  const secrets = [password, decode(password)];
  for (const pair of search === "" ? [] : search.slice(1).split("&")) {
    if (redactPair(pair) === pair) continue;
    const value = pair.slice(pair.indexOf("=") + 1);
    secrets.push(value, decode(value));
  }
  return secrets;
}

function redactQuery(search: string): string {
  const pairs = search.slice(1).split("&");
  return `?${pairs.map(redactPair).join("&")}`;
}

function redactPair(pair: string): string {
  const equals = pair.indexOf("=");
  if (equals < 0) return pair.length > longValue ? "***" : pair;
  const name = pair.slice(0, equals);
  const hidden = pair.length - equals > longValue || secretParameter.test(decode(name));
  return hidden ? `${name}=***` : pair;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
