/** Nothing is destroyed, exposed, locked or disabled unless somebody said so. */
import { WharfError } from "../../errors.ts";
import { type AnyOperation, effectOf } from "../../operation.ts";

/**
 * @param id of the operation, for the message
 * @param confirmed whether the caller, the client or the environment allows it
 * @throws WharfError CONFIRMATION_REQUIRED
 */
export function guard(
  id: string,
  operation: AnyOperation,
  input: object,
  confirmed: boolean,
): void {
  if (confirmed || effectOf(operation, input) !== "destroy") return;
  throw new WharfError(
    "CONFIRMATION_REQUIRED",
    `${id} destroys, exposes, locks or disables something, and nobody has confirmed it`,
    {
      hint: "Pass { confirm: true } with the call, or create the client with { allowDestructive: true }; DOCKERHUB_ALLOW_DESTRUCTIVE=true allows it for a whole process.",
    },
  );
}

/** Whether the environment allows everything. */
export function isAllowed(environment: NodeJS.ProcessEnv): boolean {
  return /^(?:true|1|yes|on)$/i.test(environment["DOCKERHUB_ALLOW_DESTRUCTIVE"] ?? "");
}
