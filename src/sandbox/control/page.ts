/** The overview for people: one page without scripts and without anything from elsewhere. */
import { createHash } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";

import type { Overview, Request } from "./overview.ts";
import { style } from "./style.ts";

/** Requests on the page; `/_sandbox/requests` has all. */
const shown = 50;

/** What else there is to look at, below `/_sandbox/`. */
const asJson = ["requests", "faults", "webhooks", "builds", "snapshots", "jwks"];

/** What the browser may do with the page: use this style, send its forms here, and nothing else. */
export const pageHeaders: OutgoingHttpHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Text that is HTML already. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** HTML with what is put in escaped, unless it is HTML. */
function markup(literals: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return new Html(
    literals
      .map((literal, index) => literal + (index < values.length ? shownAs(values[index]) : ""))
      .join(""),
  );
}

function shownAs(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(shownAs).join("");
  if (value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** `repository` of `repositories`. */
const one = (name: string) => name.replace(/ies$/, "y").replace(/s$/, "");

/** @param complaint what was wrong with a form that was sent */
export function overviewPage(overview: Overview, complaint?: string): string {
  const { counts, accounts, faults, deliveries, missing } = overview;
  // Whoever looks at this page does not look for looks at it.
  const asked = overview.requests.filter(({ part }) => part !== "control");
  return markup`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sandbox</title>
        <style>${new Html(style)}</style>
      </head>
      <body>
        <header>
          <h1>Wharfinger’s sandbox</h1>
          <details>
            <summary>Start anew</summary>
            <form method="post" action="/_sandbox/reset">
              What was changed since the beginning is lost. <button>Start anew</button>
            </form>
          </details>
        </header>
        <main>
          ${complaint !== undefined && markup`<p class="complaint" role="alert">${complaint}</p>`}
          <ul class="counts">
            ${Object.entries(counts).map(([name, count]) => markup`<li><b>${count.toLocaleString("en")}</b> ${count === 1 ? one(name) : name}</li>`)}
          </ul>
          <section>
            <h2>Accounts</h2>
            ${table(
              ["Name", "Password", "About"],
              accounts.map(({ name, password, about, totp }) => [
                markup`<b>${name}</b>`,
                markup`<code class="${password.length <= 24 && "whole"}">${password}</code>`,
                markup`${about}${totp !== undefined && markup` (<a href="/_sandbox/accounts/${name}/code">code</a>)`}`,
              ]),
              counts["accounts"]
                ? "They have the passwords of the seed that this began with earlier; only their hashes are kept."
                : "Nobody can sign in: accounts come from a seed (wharf sandbox --seed FILE) or a snapshot.",
            )}
          </section>
          <section>
            <h2>Faults</h2>
            ${table(
              ["Rule", "Met", ""],
              faults.map(({ id, rule, seen, hits }) => [
                markup`<code>${rule}</code>`,
                markup`<span class="whole">${hits} of ${seen}</span>`,
                markup`<form method="post" action="/_sandbox/faults/${id}/remove">
                  <button>Remove</button>
                </form>`,
              ]),
              "Nothing goes wrong.",
            )}
            <form class="add" method="post" action="/_sandbox/faults">
              <label for="rule">Rule</label>
              <input
                id="rule"
                name="rule"
                required
                autocomplete="off"
                spellcheck="false"
                placeholder="tags.list 429 retry-after=1 first=2"
              /><button>Add</button>
            </form>
          </section>
          <section>
            <h2>Requests</h2>
            ${table(
              ["Status", "Request", "ms", "Time"],
              asked.slice(-shown).reverse().map(requestRow),
              "None came yet.",
            )}
            ${asked.length > 0 && markup`<p><a href="/_sandbox/requests">${asked.length > shown ? `All ${asked.length}` : "The same"} as JSON</a></p>`}
          </section>
          ${
            deliveries.length > 0 &&
            markup`<section>
              <h2>Webhooks</h2>
              ${table(
                ["Time", "Of", "To", "State"],
                deliveries.map(({ made, repository, webhook, address, state, tries, outcome }) => [
                  timeOf(Date.parse(made)),
                  markup`${repository} <small>${webhook}</small>`,
                  markup`<code>${address}</code>`,
                  markup`${state}${tries > 1 && ` (${tries} tries)`} <small>${outcome}</small>`,
                ]),
              )}
            </section>`
          }
          ${
            missing.length > 0 &&
            markup`<section>
              <h2>Not answered yet</h2>
              <p class="missing">${missing.map((id) => markup`<code>${id}</code> `)}</p>
            </section>`
          }
          <p>
            As JSON:
            ${asJson.map((name) => markup`<a href="/_sandbox/${name}">${name}</a> `)}
          </p>
        </main>
      </body>
    </html> `.text;
}

function requestRow({
  time,
  method,
  target,
  status,
  milliseconds,
  account,
  operation,
  faults,
}: Request) {
  const outcome = status === 0 ? "none" : status;
  return [
    markup`<span class="${status === 0 || status >= 400 ? "bad" : "good"}">${outcome}</span>`,
    markup`<code>${method} ${target}</code> ${[
      operation !== undefined && markup`<small>${operation}</small> `,
      account !== undefined && markup`<small>${account}</small> `,
      (faults ?? []).map((rule) => markup`<small class="fault">${rule}</small> `),
    ]}`,
    milliseconds,
    timeOf(time),
  ];
}

function table(heads: readonly string[], rows: readonly (readonly unknown[])[], none = ""): Html {
  if (rows.length === 0) return markup`<p>${none}</p>`;
  return markup`<div class="wide">
    <table class="${heads[0] === "Status" && "log"}">
      <thead>
        <tr>
          ${heads.map((head) => markup`<th>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            markup`<tr>
              ${cells.map((cell) => markup`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** @param time milliseconds since 1970 */
function timeOf(time: number): Html {
  if (Number.isNaN(time)) return markup``;
  const iso = new Date(time).toISOString();
  return markup`<time datetime="${iso}" title="${iso}">${iso.slice(11, 19)}</time>`;
}
