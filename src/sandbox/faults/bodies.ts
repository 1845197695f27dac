/** What the parts of the sandbox, and what stands before them, say when something is wrong. */
import { STATUS_CODES } from "node:http";

import { Refusal, type RefusalCode } from "../../distribution/refusal.ts";

export interface Said {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const registryCodes: Readonly<Record<number, readonly [RefusalCode, string]>> = {
  401: ["UNAUTHORIZED", "authentication required"],
  403: ["DENIED", "requested access to the resource is denied"],
  404: ["NAME_UNKNOWN", "repository name not known to registry"],
  429: [
    "TOOMANYREQUESTS",
    "You have reached your pull rate limit. https://www.docker.com/increase-rate-limit",
  ],
  503: ["UNAVAILABLE", "service unavailable"],
};

/** A status as the part of the sandbox would answer it. */
export function refusal(part: string, status: number): Said {
  const json = (value: unknown, headers: Readonly<Record<string, string>> = {}): Said => ({
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(value)),
  });
  const words = STATUS_CODES[status] ?? "refused";
  if (part === "registry") {
    const [code, message] = registryCodes[status] ?? ["UNKNOWN", words];
    return {
      headers: {
        "content-type": "application/json",
        "docker-distribution-api-version": "registry/2.0",
      },
      body: new Refusal(code, message).envelope(),
    };
  }
  if (part === "auth")
    return json(
      { details: words },
      status === 401 ? { "www-authenticate": 'Basic realm="sandbox"' } : {},
    );
  if (status === 429) return json({ detail: "Rate limit exceeded", error: false });
  if (status >= 500) return json({ error: "Our service is temporarily unavailable." });
  return json({ detail: words, message: words });
}

/** A page as content delivery networks send it in place of an answer. */
export function errorPage(status: number): Said {
  // What comes with 200 tells of a time-out, as was seen.
  const words =
    status < 400 ? "504 Gateway Time-out" : `${status} ${STATUS_CODES[status] ?? ""}`.trim();
  const body = `<!DOCTYPE html>
<html>
<head><title>${words}</title></head>
<body>
<center><h1>${words}</h1></center>
<hr><center>edge</center>
</body>
</html>
`;
  return { headers: { "content-type": "text/html; charset=utf-8" }, body: Buffer.from(body) };
}
