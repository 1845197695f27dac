/** How Docker Scout says no: `extensions` tell the kind, as GraphQL has it; REST sends the status. */

export class ScoutRefusal extends Error {
  override readonly name = "ScoutRefusal";
  /** Taken over by GraphQL's own errors. */
  readonly extensions: { readonly code: string; readonly status: number };

  constructor(status: number, code: string, message: string) {
    super(message);
    this.extensions = { code, status };
  }
}

export const unauthenticated = (message = "authentication is required") =>
  new ScoutRefusal(401, "UNAUTHENTICATED", message);

export const forbidden = (message = "FORBIDDEN") => new ScoutRefusal(403, "FORBIDDEN", message);

export const badInput = (message: string) => new ScoutRefusal(400, "BAD_USER_INPUT", message);

export const missing = (message: string) => new ScoutRefusal(404, "NOT_FOUND", message);
