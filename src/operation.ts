/**
 * How an operation is declared. One declaration is all that client, command line, REST routes, OpenAPI, tools for agents,
 * the sandbox and the reference know of an operation: each of them is a function of it.
 */
import * as z from "zod";

/**
 * What an operation does to the world; every guard is derived from it.
 * What locks, exposes or disables something is `destroy` too, although nothing is deleted.
 */
export type Effect = "read" | "create" | "update" | "destroy";

/**
 * Who may call it: `optional` shows private data where somebody is signed in, `owner` wants an owner of the organization,
 * `scim` the token of a SCIM connection, `token` a personal access token as it is, `registry` a token of the registry.
 */
export type Authorization =
  | "none"
  | "optional"
  | "required"
  | "owner"
  | "scim"
  | "token"
  | "registry";

/**
 * How sure it is that the operation exists: `current` is in Docker's published description; `undocumented` is called by
 * maintained clients; `legacy` has been replaced; `retired` is gone upstream; `unverified` was seen in one client only.
 */
export type Status = "current" | "undocumented" | "legacy" | "retired" | "unverified";

/** Which service answers. Each has an address of its own in the client's options. */
export type Service = "hub" | "registry" | "auth" | "scout";

/**
 * Where the fields of the input go that are not in the path. Without a word: into the query of GET, HEAD and DELETE, as
 * one value or a comma list, and into the JSON body of the rest.
 *
 * `query`, `repeated`: a query field, a list as one value with commas or as a field for each item; `body`: a field of the
 * body; `whole`: it *is* the JSON body; `raw`: it is the body, as bytes; `{ header }`: a header field; `path`: as in the
 * path only. Several places in a list fill each.
 */
export type Place =
  | "path"
  | "query"
  | "repeated"
  | "body"
  | "whole"
  | "raw"
  | { readonly header: string };

/**
 * How a list goes on: `page`: page and page_size, with a `next`; `bare`: page and page_size without any envelope, until a
 * page is short; `scim`: startIndex and count (RFC 7644); `from`: from and size; `offset`: limit and offset with a
 * `meta`; `cursor`: last_evaluated_key; `last`: the name after which the next page begins; `graphql`: page and pageSize,
 * with a `paging.totalCount` where it is known.
 */
export type PagingStyle =
  | "page"
  | "bare"
  | "scim"
  | "from"
  | "offset"
  | "cursor"
  | "last"
  | "graphql";

/** How an operation's lists go on. */
export interface Paging<Items extends string = string> {
  readonly style: PagingStyle;
  /** The field of an answer that holds the items. */
  readonly items: Items;
  /** Items of a page where nothing is asked for, and the most that may be. */
  readonly size?: { readonly preset: number; readonly largest: number };
}

/** Since when an operation is gone, and what does its work now. */
export interface Retirement {
  /** When Docker retired it: `2023-12-11`, or as much of a date as is known. */
  readonly on: string;
  /** Ids of the operations to use, such as `tags.list`. */
  readonly use?: string;
  /** What else is worth knowing, one sentence. */
  readonly note?: string;
}

/** What does not depend on types: what every surface shows. */
export interface Declaration {
  /** One sentence: the line in help, the description of a tool, the first line of the reference. */
  readonly summary: string;
  /** What else a caller has to know: limits, quirks, what is uncertain. Sentences. */
  readonly description?: string;
  readonly effect: Effect;
  /** Values that make it `destroy`, such as `{ is_active: false }` for an update that can switch something off. */
  readonly destroysWith?: Readonly<Record<string, unknown>>;
  /** Fields that make it `destroy` whatever they say, where they are given: rules that can lock everything, or nothing. */
  readonly destroysGiven?: readonly string[];
  /** @default required */
  readonly auth?: Authorization;
  /** @default current */
  readonly status?: Status;
  /** The id of the operation that does the same now. */
  readonly replacedBy?: string;
  readonly retired?: Retirement;
  /** Fields of the answer that carry a secret; surfaces hide them where they were not asked for. */
  readonly secrets?: readonly string[];
}

/** An operation that is one request. */
export interface Http {
  /**
   * Method and path upstream; `{braces}` name fields of the input, each filling one segment, or a value of the query that
   * may follow: `GET /api/search/v4?custom_boosted_results=true`.
   */
  readonly http: `${"GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;
  /** @default hub */
  readonly service?: Service;
  readonly places?: Readonly<Record<string, Place | readonly Place[]>>;
  /** Content-Type of the body, and what is accepted. @default application/json */
  readonly mediaType?: string;
  /**
   * What an answer is: `json`; `nothing`, whatever the body says; `text`; `bytes`; `found`: whether it is there, so that
   * 404 is an answer; `headers`: what the head says.
   * @default json, or nothing where the output is void
   */
  readonly answer?: "json" | "nothing" | "text" | "bytes" | "found" | "headers";
  /**
   * Whether it may be sent again although its method is not idempotent, or must not although it is.
   * @default as the method says (RFC 9110, section 9.2.2)
   */
  readonly repeat?: "always" | "unsent" | "never";
}

/** Any operation, for whoever loops over a catalogue. */
export interface AnyOperation extends Declaration, Partial<Http> {
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly paging?: Paging;
  /** In place of `http`: what is more than one request. */
  readonly run?: Run<never, unknown>;
}

/** One thing that a user can do. `Item` is what a list consists of, `never` for what is no list. */
export interface Operation<Input, Output, Item = never> extends AnyOperation {
  readonly output: z.ZodType<Output>;
  readonly run?: Run<Input, Output>;
  /** For types only. */
  readonly "~types"?: { readonly input: Input; readonly item: Item };
}

/** What does the work of an operation that is no single request; the surface says what `tools` are. */
export type Run<Input, Output> = {
  // A method, so that operations of different inputs fit one list.
  run(input: Input, tools: never): Promise<Output>;
}["run"];

type ItemsOf<Output, Items extends string> =
  Output extends Readonly<Record<Items, readonly (infer Item)[]>> ? Item : never;

/**
 * Declares an operation that is one request.
 *
 * @example
 * export const get = operation({
 *   summary: "Shows a tag of a repository.",
 *   http: "GET /v2/namespaces/{namespace}/repositories/{repository}/tags/{tag}",
 *   auth: "optional",
 *   effect: "read",
 *   input: z.strictObject({ namespace, repository, tag }),
 *   output: Tag,
 * })
 */
export function operation<Input extends z.ZodObject, Output, Items extends string = never>(
  definition: Declaration &
    Http & {
      readonly input: Input;
      readonly output: z.ZodType<Output>;
      readonly paging?: Paging<Items>;
    },
): Operation<z.input<Input>, Output, [Items] extends [never] ? never : ItemsOf<Output, Items>> {
  return definition;
}

/** One page of a list. Upstream may send `""`, a relative link or nothing where there is no other page. */
export interface Page<Item> {
  readonly count: number;
  readonly next?: string | null;
  readonly previous?: string | null;
  readonly results: Item[];
}

/** What an operation does to the world with this input. */
export function effectOf(
  {
    effect,
    destroysWith = {},
    destroysGiven = [],
  }: Pick<Declaration, "effect" | "destroysWith" | "destroysGiven">,
  input: object,
): Effect {
  const given = Object.entries(input);
  const destroys = given.some(
    ([field, value]) =>
      (value !== undefined && destroysGiven.includes(field)) ||
      (Object.hasOwn(destroysWith, field) && destroysWith[field] === value),
  );
  return destroys ? "destroy" : effect;
}

/** The schema of a page of these items. */
export function page<Item>(item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z.looseObject({
    count: z.int(),
    next: z.string().nullish(),
    previous: z.string().nullish(),
    results: z.array(item),
  });
}

/** The paging of Docker Hub's usual lists. */
export const paged = {
  style: "page",
  items: "results",
  size: { preset: 10, largest: 100 },
} as const satisfies Paging;

/** Gives a schema's type a name, so that editors show `Repository` in place of its fields. */
export function named<Type>(schema: z.ZodType): z.ZodType<Type> {
  return schema as z.ZodType<Type>;
}

/** A catalogue: areas of operations. */
export type Catalogue = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An operation and what it is called. */
export interface CatalogueEntry {
  /** `area.verb`, such as `accessTokens.delete`. */
  readonly id: string;
  readonly area: string;
  readonly verb: string;
  readonly operation: AnyOperation;
}

/** Every operation of a catalogue, sorted by area and verb. */
export function* entries(catalogue: Catalogue): Generator<CatalogueEntry> {
  for (const area of Object.keys(catalogue).toSorted())
    for (const verb of Object.keys(catalogue[area] ?? {}).toSorted())
      yield {
        id: `${area}.${verb}`,
        area,
        verb,
        operation: catalogue[area]?.[verb] as AnyOperation,
      };
}
