/** How an operation that is one GraphQL query is declared. Source: GraphQL specification, October 2021. */
import type * as z from "zod";
import { WharfError } from "../../errors.ts";
import type { Declaration, Operation, Paging } from "../../operation.ts";

/** What came in a GraphQL answer's `data`. */
export type Data = Readonly<Record<string, unknown>>;

/** What the `run` of an operation of Docker Scout is given. */
export interface ScoutTools {
  /**
   * Sends a document.
   * @throws WharfError for an answer with errors, even where some data came along
   */
  query(document: string, variables: object): Promise<Data>;
}

/** An operation that is one query. */
export interface ScoutQuery<Input, Output, Item = never> extends Operation<Input, Output, Item> {
  readonly document: string;
  /** The variables for an input: what `--dry-run` shows. */
  readonly variables: Variables<Input>;
}

type Variables<Input> = {
  // A method, so that queries of different inputs fit one list.
  of(input: Input): object;
}["of"];

interface Definition<Input extends z.ZodObject, Output, Items extends string> extends Declaration {
  readonly input: Input;
  readonly output: z.ZodType<Output>;
  readonly paging?: Paging<Items>;
  /** One query with one field at its top. */
  readonly document: string;
  readonly variables: (input: z.output<Input>) => object;
  /** Makes the result of what the field holds. @default as it is */
  readonly result?: (value: never) => unknown;
}

type ItemsOf<Output, Items extends string> =
  Output extends Readonly<Record<Items, readonly (infer Item)[]>> ? Item : never;

/**
 * Declares an operation that is one query. A field that is null means that there is no such thing.
 *
 * @example
 * export const serviceStatus = query({
 *   summary: "Shows whether Docker Scout is being maintained.",
 *   effect: "read",
 *   input: z.strictObject({}),
 *   output: ServiceStatus,
 *   document: "query serviceStatus { serviceStatus { maintenance { title } } }",
 *   variables: () => ({}),
 * })
 */
export function query<Input extends z.ZodObject, Output, Items extends string = never>({
  result = (value) => value,
  ...definition
}: Definition<Input, Output, Items>): ScoutQuery<
  z.input<Input>,
  Output,
  [Items] extends [never] ? never : ItemsOf<Output, Items>
> {
  const { document, variables } = definition;
  return {
    // Docker publishes no description of its GraphQL; its own tools bring the schema along.
    status: "undocumented",
    ...definition,
    variables: variables as Variables<z.input<Input>>,
    async run(input: z.input<Input>, tools: ScoutTools) {
      const sent = variables(input as z.output<Input>);
      const [value] = Object.values(await tools.query(document, sent));
      if (value === null || value === undefined) throw missing(input);
      return result(value as never) as Output;
    },
  };
}

function missing(input: object): WharfError {
  const fields = Object.entries(input).filter(([name]) => name !== "organization");
  const said = fields.map(([name, value]) => `${name} ${String(value)}`).join(", ");
  return new WharfError("NOT_FOUND", `Docker Scout knows nothing of ${said || "it"}`, {
    hint: "Check name and digest: most questions are about an image of one platform, not an index. It has to be analysed first; a private one belongs to an organization.",
  });
}
