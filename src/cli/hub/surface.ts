/** Where the operations of an area are, and who calls them. */
import type { Input, Prepared } from "../../hub/client/request.ts";
import type { AnyOperation } from "../../operation.ts";
import type { Call } from "../call.ts";

export type Callable = (
  input: object,
  options: object,
) => Promise<unknown> & AsyncIterable<unknown>;

export interface Surface {
  operation(verb: string): AnyOperation;
  /** The function of an operation, here or in another area, of a client that is closed with the command. */
  open(call: Call, verb: string, area?: string): Promise<Callable>;
  /** The request that would be sent. */
  prepare(operation: AnyOperation, input: Input): Prepared;
}

type Areas = Record<string, Record<string, unknown>>;

export async function surfaceOf(area: string): Promise<Surface> {
  if (area === "scout") {
    const { scoutSurface } = await import("../scout/surface.ts");
    return scoutSurface();
  }
  const [catalogue, { prepare }, { openHub }] = await Promise.all([
    import("../../hub/catalogue.ts"),
    import("../../hub/client/request.ts"),
    import("./open.ts"),
  ]);
  let hub: Promise<unknown> | undefined;
  return {
    operation: (verb) => (catalogue as unknown as Areas)[area]![verb] as AnyOperation,
    open: async (call, verb, of = area) =>
      ((await (hub ??= openHub(call))) as Areas)[of]![verb] as Callable,
    prepare,
  };
}
