/** Parts of Hub's API that are services of their own, and say no in their own way. */
import type { Answer } from "../answer.ts";
import { detailOf, scimError, scimType } from "./scim/refusal.ts";

interface Dialect {
  readonly below: string;
  /** Of all its answers, where it is not plain JSON. */
  readonly mediaType?: string;
  refuse(status: number, body: unknown): object;
}

const dialects: readonly Dialect[] = [
  { below: "/v2/scim/2.0/", mediaType: scimType, refuse: scimError },
  { below: "/v2/auditlogs/", refuse: rpcStatus },
  { below: "/api/build/v1/", refuse: (_, body) => ({ error: detailOf(body) }) },
];

/** An answer as the part of the API that the path belongs to gives it. */
export function inDialect(path: string, answer: Answer): Answer {
  const dialect = dialects.find(({ below }) => path.startsWith(below));
  const { status, headers, body } = answer;
  if (!dialect || body === undefined) return answer;
  const { mediaType } = dialect;
  return {
    status,
    headers: { ...headers, ...(mediaType !== undefined && { "content-type": mediaType }) },
    body: status >= 400 ? dialect.refuse(status, body) : body,
  };
}

/** Numbers of gRPC for the statuses of HTTP. Source: google/rpc/code.proto. */
const codes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 6,
  500: 13,
  501: 12,
};

/** The log of events is behind gRPC, except for the limit of requests. */
function rpcStatus(status: number, body: unknown): object {
  if (status === 429) return body as object;
  return { code: codes[status] ?? 2, message: detailOf(body), details: [] };
}
