/** What each fault does to an exchange. */
import { pause } from "../../http/gate.ts";
import {
  breakOff,
  changeAnswer,
  type Ending,
  type Exchange,
  gone,
  replaceAnswer,
  type Whole,
} from "./answer.ts";
import { errorPage, refusal, type Said } from "./bodies.ts";
import type { FaultRule, FaultWord } from "./rule.ts";

export interface Meeting extends Exchange {
  readonly part: string;
  /** From 0 to 1. */
  random(): number;
  /** Makes an answer's tokens such that have expired. */
  expire(body: Buffer): Promise<Buffer>;
}

/** @returns whether that was the answer, so that the part never sees the request */
type Effect = (meeting: Meeting, rule: FaultRule) => Promise<boolean> | boolean;

export function takeEffect(meeting: Meeting, rule: FaultRule): Promise<boolean> | boolean {
  const { fault } = rule;
  if (typeof fault !== "number") return effects[fault](meeting, rule);
  if (fault === 401 && meeting.part === "registry" && rule.at !== "answer") {
    // Only the registry knows the challenge that belongs to it.
    delete meeting.request.headers.authorization;
    if (rule.retryAfter !== undefined)
      meeting.response.setHeader("retry-after", String(rule.retryAfter));
    return false;
  }
  return answerWith(
    meeting,
    rule,
    fault,
    refusal(meeting.part, fault),
    fault === 429 ? 1 : undefined,
  );
}

const effects: Readonly<Record<FaultWord, Effect>> = {
  async delay({ signal, random }, { ms = 1000, jitter = 0 }) {
    // Whoever has gone meanwhile is not answered.
    return pause(ms + random() * jitter, signal).then(
      () => false,
      () => true,
    );
  },

  html: (meeting, rule) => {
    const { status = 503 } = rule;
    return answerWith(meeting, rule, status, errorPage(status));
  },

  expired(meeting) {
    const { request, part } = meeting;
    const { headers } = request;
    // The part itself shall refuse, in its own words.
    if (/^(?:Bearer|JWT) /i.test(headers.authorization ?? ""))
      headers.authorization = "Bearer expired";
    else if (part !== "registry")
      replaceAnswer(meeting, true, async (answer) => {
        const json = /json/.test(String(answer.headers["content-type"]));
        send(meeting, { ...answer, body: json ? await meeting.expire(answer.body) : answer.body });
      });
    return false;
  },

  reset: (meeting, { at = "start" }) => breakingOff(meeting, at, "reset"),
  stall: (meeting, { at = "start" }) => breakingOff(meeting, at, "silence"),

  cut(meeting, { at }) {
    changeAnswer(meeting, { limit: (length) => offset(at, length), ending: "end" });
    return false;
  },

  truncate(meeting, { at }) {
    changeAnswer(meeting, { limit: (length) => offset(at, length) });
    return false;
  },

  corrupt(meeting, { at }) {
    changeAnswer(meeting, {
      bytes(chunk, begin, length) {
        const place = offset(at, length) - begin;
        if (place >= 0 && place < chunk.byteLength) chunk[place]! ^= 1;
      },
    });
    return false;
  },

  slow(meeting, { bytes = 1024 }) {
    changeAnswer(meeting, { pace: bytes });
    return false;
  },

  digest(meeting) {
    changeAnswer(meeting, {
      head(headers) {
        const right = headers["docker-content-digest"];
        if (typeof right === "string") headers["docker-content-digest"] = otherDigest(right);
      },
    });
    return false;
  },
};

/** Bytes of a body: those given, or half of it. */
function offset(at: FaultRule["at"], length: number | undefined): number {
  if (typeof at === "number") return at;
  return length === undefined ? 1 : Math.floor(length / 2);
}

async function breakingOff(
  meeting: Meeting,
  at: NonNullable<FaultRule["at"]>,
  ending: Exclude<Ending, "complete">,
): Promise<boolean> {
  const { request, response, signal } = meeting;
  if (at === "start") {
    request.resume();
    breakOff(response, ending);
    await gone(signal).catch(() => {});
    return true;
  }
  if (at === "answer") replaceAnswer(meeting, false, () => breakOff(response, ending));
  else changeAnswer(meeting, { limit: () => (at === "headers" ? 0 : at), ending });
  return false;
}

/** Answers in the part's place; with `at=answer` after it has done everything. */
function answerWith(
  meeting: Meeting,
  { at = "start", retryAfter }: FaultRule,
  status: number,
  { headers, body }: Said,
  usualWait?: number,
): boolean {
  const { request } = meeting;
  const wait = retryAfter ?? usualWait;
  const whole: Whole = {
    status,
    headers: { ...headers, ...(wait !== undefined && { "retry-after": String(wait) }) },
    body,
  };
  if (at === "answer") {
    replaceAnswer(meeting, false, () => send(meeting, whole));
    return false;
  }
  request.resume();
  // Who waits for leave to send a body may send it or not: nobody could tell it from the next request.
  if (request.headers.expect) meeting.response.shouldKeepAlive = false;
  send(meeting, whole);
  return true;
}

function send({ request, response }: Meeting, { status, headers, body }: Whole): void {
  response.writeHead(status, {
    ...headers,
    ...(status !== 204 && status !== 304 && { "content-length": body.byteLength }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Another digest of the same algorithm. */
function otherDigest(digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":", 2);
  return `${algorithm}:${hex.replace(/[0-9a-f]/g, (digit) => (15 - parseInt(digit, 16)).toString(16))}`;
}
