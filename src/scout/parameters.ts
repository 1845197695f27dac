/** Fields that several operations of Docker Scout take. Names are those of its GraphQL. */
import * as z from "zod";

/** An organization of Docker Hub, where one is needed. */
export const organization = z.string().min(1).describe("Name of the organization");

/** Without an organization Docker Scout looks among public images only. */
export const anyOrganization = z
  .string()
  .min(1)
  .optional()
  .describe("Name of the organization; without it, public images");

export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "a digest is sha256: and 64 hexadecimal digits")
  .describe("Digest of the image of one platform, sha256:…");

export const stream = z
  .string()
  .min(1)
  .describe("Stream: latest-indexed, or an environment of the organization");

export const hostName = z
  .string()
  .min(1)
  .describe("Host of the registry, as Docker Scout calls it in its answers");

export const repoName = z.string().min(1).describe("Repository with its namespace: acme/app");

export const includeExcepted = z
  .boolean()
  .optional()
  .describe("Whether vulnerabilities that have an exception are listed too");

export const severity = z.enum(["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"]);

export const sortOrder = z.enum(["ASCENDING", "DESCENDING"]).optional().describe("Order");

/** The fields of a list that has pages. */
export const pages = {
  page: z.int().min(1).optional().describe("Page number, from 1"),
  pageSize: z.int().min(1).optional().describe("Items on a page, 20 unless said"),
};

/** The paging of these lists; the most that a page may hold is not known. */
export const paged = {
  style: "graphql",
  items: "items",
  size: { preset: 20, largest: 20 },
} as const;

/** Whom a question is for. */
export const contextOf = (name: string | undefined) =>
  name === undefined ? {} : { organization: name };

interface Pages {
  readonly page?: number | undefined;
  readonly pageSize?: number | undefined;
}

/** Takes page and size out of an input, for a query that has a field for both. */
export function pagingOf<Input extends Pages>({ page, pageSize, ...rest }: Input) {
  const paging = {
    ...(page !== undefined && { page }),
    ...(pageSize !== undefined && { pageSize }),
  };
  return { ...rest, ...(Object.keys(paging).length > 0 && { paging }) };
}

/** An object without what is undefined; nothing where nothing is left. */
export function given<Fields extends object>(fields: Fields): Fields | undefined {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Fields);
}
