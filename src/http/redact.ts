/** Takes secrets out of what people and logs get to see. */

const secretParameters =
  /^(?:access_token|refresh_token|id_token|token|password|passwd|secret|client_secret|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|x-goog-credential|awsaccesskeyid|googleaccessid|key-pair-id|policy|hmac|auth|authorization|code|api_?key|jwt|verify|_upload_sig|st|se_sig)$/i;

const secretHeaders =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|www-authenticate-info|authentication-info|x-.*(?:token|secret|api-?key|signature).*)$/i;

/** Address without user, password and the values of signing parameters. */
export function redactUrl(url: URL | string): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  if (copy.search === "") return copy.href;
  const query = copy.search
    .slice(1)
    .split("&")
    .map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 0) return pair;
      const name = pair.slice(0, equals);
      return secretParameters.test(decode(name)) ? `${name}=***` : pair;
    });
  return `${copy.origin}${copy.pathname}?${query.join("&")}`;
}

/** Header fields with the values of secret ones hidden; the scheme of an authorization stays. */
export function redactHeaders(
  headers: Iterable<readonly [string, string]>,
): [name: string, value: string][] {
  const shown: [string, string][] = [];
  for (const [name, value] of headers) {
    shown.push([name, redactHeader(name, value)]);
  }
  return shown;
}

function redactHeader(name: string, value: string): string {
  if (/^location$/i.test(name)) return redactLocation(value);
  if (!secretHeaders.test(name)) return value;
  const scheme = /^(basic|bearer) /i.exec(value)?.[1];
  return scheme ? `${scheme} ***` : "***";
}

function redactLocation(value: string): string {
  try {
    const base = "http://relative.invalid";
    const url = new URL(value, base);
    const shown = redactUrl(url);
    return shown.startsWith(`${base}/`) ? shown.slice(base.length) : shown;
  } catch {
    return "***";
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
