/** What a caller gives, checked against the operation's input before anything is sent. */
import { WharfError } from "../../errors.ts";
import type { AnyOperation } from "../../operation.ts";
import type { Input } from "./request.ts";

/**
 * Checks an input and gives it in the spelling that Docker Hub knows: `_`, as its pages write it, is `library`.
 * @param id of the operation, for the message
 * @throws WharfError INPUT_INVALID, naming every field that is wrong
 */
export function checkInput(id: string, operation: AnyOperation, input: unknown = {}): Input {
  const result = operation.input.safeParse(input);
  if (!result.success) {
    const wrong = result.error.issues.slice(0, 10).map(({ path, message }) => {
      const field = path.map(String).join(".");
      return field === "" ? message : `${field}: ${message}`;
    });
    throw new WharfError("INPUT_INVALID", `${id}: ${wrong.join("; ")}`, {
      hint: `Fields: ${Object.keys(operation.input.shape).join(", ") || "none"}.`,
    });
  }
  const checked = result.data as Input;
  return checked["namespace"] === "_" ? { ...checked, namespace: "library" } : checked;
}
