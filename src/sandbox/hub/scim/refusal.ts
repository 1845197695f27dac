/** How a directory says no. Source: RFC 7644, section 3.12. */
import { isObject } from "../../../reference/fields.ts";
import { HubRefusal } from "../refusal.ts";

export const scimType = "application/scim+json";
const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

/** @param kind what is wrong, in a word of the RFC's */
export function scimRefusal(status: number, detail: string, kind?: string): HubRefusal {
  return new HubRefusal(status, { detail, ...(kind !== undefined && { scimType: kind }) });
}

/** The body of a refusal, whichever part of Hub has said it, as a directory's. */
export function scimError(status: number, body: unknown): object {
  const said = isObject(body) ? body : {};
  const kind = said["scimType"] ?? (status === 400 ? "invalidValue" : undefined);
  return {
    schemas: [errorSchema],
    status: String(status),
    detail: detailOf(body),
    ...(kind !== undefined && { scimType: kind }),
  };
}

/** What a refusal of any shape says. */
export function detailOf(body: unknown): string {
  const said = isObject(body) ? body : {};
  const { errinfo, fields } = said;
  const wrong = isObject(fields) ? fields : isObject(errinfo) ? errinfo["fielderrors"] : undefined;
  if (isObject(wrong) && Object.keys(wrong).length > 0)
    return Object.entries(wrong)
      .map(([field, why]) => `${field}: ${String(why)}`)
      .join("; ");
  const text = said["detail"] ?? said["message"] ?? said["error"];
  return typeof text === "string" ? text : "the request failed";
}
