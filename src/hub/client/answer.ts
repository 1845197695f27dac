/** From an answer to a result that fits the operation's output. */
import { WharfError } from "../../errors.ts";
import type { HttpResponse } from "../../http/http.ts";
import { redactUrl } from "../../http/redact.ts";
import type { AnyOperation } from "../../operation.ts";
import { pageInsteadOf, refusalOf } from "./refusal.ts";

/** A page of a list has at most 100 entries of some kilobytes; a members' list of a large company some megabytes. */
const jsonLimit = 64 * 1024 * 1024;

/**
 * Reads the answer.
 * @param check whether JSON has to fit the operation's output
 * @throws WharfError as {@link refusalOf}; RESPONSE_INVALID where a success does not fit
 */
export async function readAnswer(
  operation: AnyOperation,
  response: HttpResponse,
  check = true,
): Promise<unknown> {
  const { status } = response;
  const kind = operation.answer ?? (operation.output.type === "void" ? "nothing" : "json");
  if (kind === "found" && status === 404) {
    await response.discard();
    return false;
  }
  if (status < 200 || status >= 300) throw await refusalOf(response, operation);
  switch (kind) {
    case "nothing":
      await response.discard();
      return undefined;
    case "found":
      await response.discard();
      return true;
    case "headers": {
      const headers = Object.fromEntries(response.headers.entries());
      await response.discard();
      return headers;
    }
    case "text":
      return response.text(jsonLimit);
    case "bytes":
      return response.bytes(jsonLimit);
    case "json":
      return check
        ? fitting(operation, await readJson(response), {
            method: response.method,
            url: redactUrl(response.url),
            status: response.status,
          })
        : readJson(response);
  }
}

async function readJson(response: HttpResponse): Promise<unknown> {
  if (/html/i.test(response.headers.get("content-type") ?? ""))
    throw await pageInsteadOf(response, "JSON");
  return response.json(jsonLimit);
}

/**
 * A result, if it is what the operation says. Unknown fields are kept; what is missing or of another type is the answer's
 * fault, not an HTTP error.
 * @throws WharfError RESPONSE_INVALID
 */
export function fitting(
  operation: Pick<AnyOperation, "output">,
  value: unknown,
  {
    method,
    url,
    status,
  }: { readonly method: string; readonly url: string; readonly status: number },
): unknown {
  const result = operation.output.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join(".") || "answer"}: ${message}`);
  throw new WharfError(
    "RESPONSE_INVALID",
    `${method} ${url}: the answer is not what it should be: ${issues.join("; ")}`,
    {
      method,
      url,
      status,
      hint: "Docker Hub may have changed. Please report it; { check: false } takes answers as they come.",
    },
  );
}
