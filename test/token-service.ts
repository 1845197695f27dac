/**
 * A token service as docker_auth is one: users with passwords, what each may do, and tokens for as much of what is asked as
 * they may. Source: distribution, "Token Authentication Specification", "OAuth2 Token Authentication".
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { SignJWT } from "jose";

import { libtrustId } from "../src/distribution/access/tokens/keyId.ts";
import type { Issued } from "./certificate.ts";

/** Words such as `pull`, for a user (undefined for guests) and `repository:a/b` or `registry:catalog`. */
export type Permissions = (user: string | undefined, resource: string) => readonly string[];

export interface TokenServiceOptions {
  /** Signs the tokens. */
  readonly certificate: Issued;
  /** How a token tells whose key signed it. */
  readonly header: "x5c" | "kid";
  /** Names and passwords. */
  readonly users: Readonly<Record<string, string>>;
  readonly permissions: Permissions;
}

export interface TokenService {
  readonly realm: string;
  /** What was asked for: `alice repository:a/b:pull,push`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export const service = "registry.test";
export const issuer = "auth.test";

export async function startTokenService(options: TokenServiceOptions): Promise<TokenService> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const question = await readQuestion(request);
    const { user, password } = question;
    if (user !== undefined && options.users[user] !== password) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="tokens"' }).end("{}");
      return;
    }
    for (const scope of question.scopes) asked.push(`${user ?? "-"} ${scope}`);
    const access = question.scopes.flatMap((scope) => grant(scope, user, options.permissions));
    const token = await sign(options, user ?? "", access);
    const answer = { token, access_token: token, expires_in: 300 };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "localhost");
  await once(server, "listening");
  server.unref();
  return {
    realm: `http://localhost:${(server.address() as AddressInfo).port}/token`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Question {
  readonly user?: string;
  readonly password?: string;
  readonly scopes: readonly string[];
}

async function readQuestion(request: IncomingMessage): Promise<Question> {
  const scopesOf = (fields: URLSearchParams) =>
    fields.getAll("scope").flatMap((scope) => scope.split(" "));
  if (request.method === "POST") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const [user, password] = [form.get("username") ?? "", form.get("password") ?? ""];
    return { user, password, scopes: scopesOf(form) };
  }
  const { searchParams } = new URL(request.url ?? "", "http://host");
  const scopes = scopesOf(searchParams);
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? "")?.[1];
  if (basic === undefined) return { scopes };
  const text = Buffer.from(basic, "base64").toString();
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1), scopes };
}

function grant(scope: string, user: string | undefined, permissions: Permissions) {
  const [, type = "", name = "", actions = ""] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
  const allowed = permissions(user, `${type}:${name}`);
  const granted = actions
    .split(",")
    .filter((action) => allowed.includes(action) || allowed.includes("*"));
  return granted.length === 0 ? [] : [{ type, name, actions: granted }];
}

async function sign(
  { certificate: { cert, key }, header }: TokenServiceOptions,
  sub: string,
  access: readonly object[],
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const named =
    header === "x5c"
      ? { x5c: [cert.replace(/-----[^-]+-----|\s/g, "")] }
      : { kid: libtrustId(createPublicKey(cert)) };
  return new SignJWT({ access })
    .setProtectedHeader({ typ: "JWT", alg: "ES256", ...named })
    .setIssuer(issuer)
    .setSubject(sub)
    .setAudience(service)
    .setNotBefore(now - 10)
    .setIssuedAt(now)
    .setExpirationTime(now + 300)
    .setJti(String(Math.random()))
    .sign(createPrivateKey(key));
}
