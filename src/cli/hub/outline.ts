/**
 * What help, completion and the reading of words need to know of an operation. It is written down in operations.ts, made
 * from the catalogue: loading 140 schemas takes longer than printing the help of one.
 */
export interface Outline {
  /** `accessTokens.delete` */
  readonly id: string;
  readonly summary: string;
  readonly about?: string;
  readonly effect: "read" | "create" | "update" | "destroy";
  /** What is to be said of its status, where it is not the usual one. */
  readonly status?: string;
  readonly fields: readonly Field[];
  /** A list of several pages. */
  readonly list?: true;
  /** What an answer is, where it is not JSON. */
  readonly answer?: "nothing" | "text" | "bytes" | "found" | "headers";
  /** Fields of the answer that hold a secret. */
  readonly secrets?: readonly string[];
}

export interface Field {
  readonly name: string;
  readonly about: string;
  readonly required?: true;
  /** `json` is anything that is no single value. @default text */
  readonly type?: "number" | "boolean" | "texts" | "json" | "bytes" | "secret";
  readonly choices?: readonly string[];
}
