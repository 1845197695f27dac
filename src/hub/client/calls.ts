/** Operations as functions: what is given is checked and guarded, then sent; a list also gives every item. */
import {
  type AnyOperation,
  type Catalogue,
  type CatalogueEntry,
  entries,
  type Paging,
  type PagingStyle,
} from "../../operation.ts";
import { type CallOf, createCall, type ListOptions } from "./call.ts";
import { guard } from "./guard.ts";
import { checkInput } from "./input.ts";
import { itemsOf, pagesOf } from "./paging.ts";
import type { Input } from "./request.ts";
import type { Sender } from "./sender.ts";

/** The functions of one area, by verb. */
export type CallsOf<Area> = { readonly [Verb in keyof Area]: CallOf<Area[Verb]> };

export interface Sending {
  readonly send: Sender["send"];
  /** Whether every call may destroy. */
  readonly allowed: boolean;
  /** What the functions are called in stack traces, before area and verb. */
  readonly name: string;
}

/** The functions of every area of a catalogue. */
export function callsOf(catalogue: Catalogue, sending: Sending) {
  const areas: Record<string, Record<string, unknown>> = {};
  for (const entry of entries(catalogue))
    (areas[entry.area] ??= {})[entry.verb] = functionFor(entry, sending);
  return areas;
}

/** The function that calls an operation; its name is what stack traces show. */
function functionFor({ id, operation }: CatalogueEntry, { send, allowed, name }: Sending) {
  const call = (given: unknown = {}, options: ListOptions = {}) => {
    const one = async () => {
      const input = checkInput(id, operation, given);
      guard(id, operation, input, options.confirm ?? allowed);
      return send(id, operation, withPageSize(operation, input, options.pageSize), options);
    };
    const { paging } = operation;
    if (paging === undefined) return createCall(one);
    return createCall(one, () => every(given, options, paging));
  };
  return Object.defineProperty(call, "name", { value: `${name}.${id}` });

  async function* every(
    given: unknown,
    options: ListOptions,
    paging: Paging,
  ): AsyncGenerator<unknown> {
    const { limit = Infinity, pageSize, ahead } = options;
    if (limit < 1) return;
    const input = checkInput(id, operation, given);
    const size = pageSize ?? Math.min(limit, paging.size?.largest ?? limit);
    const first = withPageSize(operation, input, Number.isFinite(size) ? size : undefined);
    const fetch = async (each: Input, signal: AbortSignal | undefined) =>
      (await send(id, operation, each, { ...options, ...(signal && { signal }) })).data;
    let left = limit;
    for await (const page of pagesOf(paging, first, fetch, { ...options, limit, ahead })) {
      for (const item of itemsOf(paging, page)) {
        yield item;
        left -= 1;
        if (left < 1) return;
      }
    }
  }
}

/** The field that says how many items a request is for. */
const sizeFields: Partial<Record<PagingStyle, string>> = {
  page: "page_size",
  bare: "page_size",
  scim: "count",
  from: "size",
  offset: "limit",
  last: "limit",
  graphql: "pageSize",
};

/** What the caller's input says of the size counts more than what the list would take. */
function withPageSize({ paging }: AnyOperation, input: Input, size: number | undefined): Input {
  const field = paging && sizeFields[paging.style];
  if (field === undefined || size === undefined || input[field] !== undefined) return input;
  // More would be refused, or cut in silence.
  const largest = paging?.size?.largest ?? size;
  return { ...input, [field]: Math.max(1, Math.floor(Math.min(size, largest))) };
}
