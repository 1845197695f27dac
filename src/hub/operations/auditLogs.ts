/**
 * What happened in an organization. It takes an owner, or an organization's token with scope-activity-read; a session of a
 * personal access token has been refused. Source: Docker Hub API, "audit-logs".
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";

const account = z.string().min(1).describe("Organization or user whose events are asked for");

const event = z.looseObject({
  account: z.string().optional(),
  /** Such as repo.tag.push. */
  action: z.string(),
  /** What it happened to: a repository, the organization, a user. */
  name: z.string().optional(),
  actor: z.string().optional(),
  data: z.record(z.string(), z.unknown()).nullish(),
  timestamp: z.string(),
  action_description: z.string().optional(),
});
/** One event. */
export interface AuditEvent extends z.infer<typeof event> {}

const logs = z.looseObject({ logs: z.array(event) });
/** A page of events, newest first; nothing says how many there are. */
export interface AuditLogs extends z.infer<typeof logs> {}

const groups = z.looseObject({
  actions: z.record(
    z.string(),
    z.looseObject({
      label: z.string().optional(),
      actions: z
        .array(
          z.looseObject({
            name: z.string(),
            description: z.string().optional(),
            label: z.string().optional(),
          }),
        )
        .optional(),
    }),
  ),
});
/** Kinds of events, by group; an event's action is both joined: repo.tag.push. */
export interface AuditActions extends z.infer<typeof groups> {}

/** Lists what happened, newest first. */
export const list = operation({
  summary: "Lists what happened, newest first.",
  http: "GET /v2/auditlogs/{account}",
  auth: "owner",
  effect: "read",
  input: z.strictObject({
    account,
    action: z.string().optional().describe("Only such events, as repo.tag.push"),
    name: z.string().optional().describe("Only events of this repository, organization or user"),
    actor: z.string().optional().describe("Only what this user did"),
    from: z.iso.datetime({ offset: true }).optional().describe("Not before (ISO 8601)"),
    to: z.iso.datetime({ offset: true }).optional().describe("Not after (ISO 8601)"),
    page: z.int().min(1).optional().describe("Page number, from 1"),
    page_size: z.int().min(1).max(100).optional().describe("Events on a page; without it, 25"),
  }),
  output: named<AuditLogs>(logs),
  paging: { style: "bare", items: "logs", size: { preset: 25, largest: 100 } },
});

/** Lists the kinds of events that there are. */
export const listActions = operation({
  summary: "Lists the kinds of events that there are.",
  http: "GET /v2/auditlogs/{account}/actions",
  auth: "owner",
  effect: "read",
  input: z.strictObject({ account }),
  output: named<AuditActions>(groups),
});
