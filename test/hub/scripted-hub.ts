/** A Docker Hub of one page a list: each operation answers as its fixture does, whatever it is asked about. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import * as catalogue from "../../src/hub/catalogue.ts";
import { entries } from "../../src/operation.ts";
import { allFixtures } from "./fixtures/index.ts";

/** Of a user whose session ends in 2096. */
export const jwt = `${["{}", JSON.stringify({ sub: "jonsnow", exp: 4_000_000_000 })]
  .map((part) => Buffer.from(part).toString("base64url"))
  .join(".")}.sign`;

export interface ScriptedAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Script = (request: IncomingMessage) => ScriptedAnswer;

/** By `area.verb`. */
export type Scripts = Readonly<Record<string, Script>>;

/** What opens a session, where the fixtures' tokens are none that could be read. */
const sessions: Scripts = {
  "auth.createToken": () => ({ body: { access_token: jwt } }),
  "auth.login": () => ({ status: 401, body: { detail: "code?", login_2fa_token: "half" } }),
  "auth.loginTwoFactor": () => ({ body: { token: jwt } }),
};

const literal = (text: string) => text.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&");

/** Routes by method and path; those that say more of a path come first. */
const routes = [...entries(catalogue)]
  .map(({ id, area, verb, operation }) => {
    const [method, target = ""] = (operation.http ?? "").split(" ");
    const path = target.split("?")[0]!.split(/\{\w+\}/);
    const pattern = new RegExp(`^${path.map(literal).join("[^/]+")}/?$`);
    return { id, method, pattern, fixed: path.join("").length, area, verb };
  })
  .toSorted((one, other) => other.fixed - one.fixed);

function fromFixture(area: string, verb: string): ScriptedAnswer {
  const answer = allFixtures[area]?.[verb]?.answer;
  if (answer === undefined) return { status: 404, body: { detail: "object not found" } };
  const { body } = answer;
  const isPage = typeof body === "object" && body !== null && "next" in body;
  return { ...answer, body: isPage ? { ...body, next: null } : body };
}

/** @param scripts what shall answer otherwise */
export async function startScriptedHub(scripts: Scripts = {}) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method, url = "" } = request;
    requests.push(`${method} ${url}`);
    const path = url.split("?")[0]!;
    const route = routes.find((each) => each.method === method && each.pattern.test(path));
    const script = route && (scripts[route.id] ?? sessions[route.id]);
    const answer = script?.(request) ?? fromFixture(route?.area ?? "", route?.verb ?? "");
    const { status = 200, body, headers = {} } = answer;
    request.resume().on("end", () => {
      const type = typeof body === "string" ? "text/plain" : "application/json";
      response.writeHead(status, { "content-type": type, ...headers });
      response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** `METHOD /path?query`, as they arrived. */
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
