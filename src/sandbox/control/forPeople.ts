/** The control's answers as a browser shows them: the overview is a page, and what a form does leads back to it. */
import type { Answer } from "../answer.ts";
import { type OverviewParts, overviewOf } from "./overview.ts";
import { overviewPage, pageHeaders } from "./page.ts";

export function forPeople(
  answer: Answer,
  parts: OverviewParts,
  method: string | undefined,
  path: string,
): Answer {
  const { status } = answer;
  const page = (complaint?: string): Answer => ({
    status,
    headers: pageHeaders,
    body: overviewPage(overviewOf(parts), complaint),
  });
  if (path === "/" && status === 200) return page();
  if (method !== "POST") return answer;
  if (status < 300) return { status: 303, headers: { location: "/_sandbox/" } };
  const { message = "", detail = "" } = answer.body as { message?: string; detail?: string };
  return page(`${message}. ${detail}`);
}
