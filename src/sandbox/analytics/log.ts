/** What was pulled, day by day: what a publisher's analytics are made of. */
import type { IncomingMessage } from "node:http";

import { digestAt, findByPath } from "../repositories.ts";
import type { State } from "../state/state.ts";
import { dayOf } from "./spans.ts";

/** As Docker tells them apart. Source: Docker's docs, "Insights and analytics". */
export type PullAction = "pull_by_tag" | "pull_by_digest" | "version_check";

export interface PullRow {
  /** Number of the repository. */
  readonly repository: number;
  /** `2026-01-31` */
  readonly day: string;
  readonly action: PullAction;
  /** Empty where it was pulled by digest. */
  readonly tag: string;
  readonly digest: string;
  readonly address: string;
  /** Two letters; empty where it is not known. */
  readonly country: string;
  readonly tool: string;
  readonly version: string;
  readonly count: number;
}

const insert = `INSERT INTO pull_log (repository, day, action, tag, digest, address, country, tool, version, count)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count`;

export function addPulls(state: State, row: PullRow): void {
  const { repository, day, action, tag, digest, address, country, tool, version, count } = row;
  state.run(insert, repository, day, action, tag, digest, address, country, tool, version, count);
}

/** What the registry was asked for. */
export interface Asked {
  readonly repository: string;
  readonly digest?: string | undefined;
  readonly tag?: string | undefined;
  readonly request: IncomingMessage;
}

/** Notes one request for a manifest that is there. @param now milliseconds since 1970 */
export function notePull(state: State, asked: Asked, now: number): void {
  const repository = findByPath(state, asked.repository)?.id;
  if (repository === undefined) return;
  const { request, tag = "", digest = digestAt(state, repository, tag) } = asked;
  const [, tool = "", version = ""] =
    /^([\w.-]{1,40})(?:\/([\w.+-]{1,40}))?/.exec(request.headers["user-agent"] ?? "") ?? [];
  const byName = tag === "" ? "pull_by_digest" : "pull_by_tag";
  addPulls(state, {
    repository,
    day: dayOf(now),
    action: request.method === "HEAD" ? "version_check" : byName,
    tag,
    digest: digest ?? "",
    address: request.socket.remoteAddress ?? "",
    country: "",
    tool,
    version,
    count: 1,
  });
}
