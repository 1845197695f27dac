/** Our registry server over https, which lets in fred with the password secret: by a token, or by the password itself. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { hashSync } from "bcryptjs";

import { createAuthority } from "../certificate.ts";
import { issuer, service, startTokenService } from "../token-service.ts";
import { serveRegistry } from "../wharf.ts";

export interface Guarded {
  /** `127.0.0.1:PORT` of servers over https: open to all, by password, by token; and by password over http. */
  readonly hosts: Readonly<Record<"open" | "basic" | "token" | "plain", string>>;
  /** File of the authority that has signed their certificates. */
  readonly ca: string;
  /** `127.0.0.1:PORT` of the token service. Guests get tokens for the list of repositories. */
  readonly authHost: string;
  close(): Promise<void>;
}

/** @param folder for data and certificates; somebody else removes it */
export async function startGuarded(folder: string): Promise<Guarded> {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const authority = createAuthority();
  const own = authority.issue();
  const signer = authority.issue();
  const tls = ["--tls-cert", file("cert.pem", own.cert), "--tls-key", file("key.pem", own.key)];
  const password = hashSync("secret", 5).replace("$2b$", "$2y$");
  const basic = ["--htpasswd", file("htpasswd", `fred:${password}\n`)];
  const tokens = await startTokenService({
    certificate: signer,
    header: "x5c",
    users: { fred: "secret" },
    permissions: (user, resource) => {
      if (user === "fred") return ["pull", "push", "delete", "*"];
      return resource === "registry:catalog" ? ["*"] : [];
    },
  });
  const front = await secured(tokens.realm, own);
  const token = [
    "--token-realm",
    `https://${front.host}/token`,
    "--token-service",
    service,
    "--token-issuer",
    issuer,
    "--token-cert",
    file("signer.pem", signer.cert),
  ];
  const [open, byPassword, byToken, plain] = await Promise.all([
    serveRegistry(join(folder, "open"), tls),
    serveRegistry(join(folder, "basic"), [...basic, ...tls]),
    serveRegistry(join(folder, "token"), [...token, ...tls]),
    serveRegistry(join(folder, "plain"), basic),
  ]);
  return {
    hosts: { open: open.host, basic: byPassword.host, token: byToken.host, plain: plain.host },
    ca: file("ca.pem", authority.cert),
    authHost: front.host,
    async close() {
      await Promise.all(
        [open, byPassword, byToken, plain, front, tokens].map((one) => one.close()),
      );
    },
  };
}

/** The token service behind https. */
async function secured(realm: string, { cert, key }: { cert: string; key: string }) {
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { headers, method, url = "/" } = incoming;
    const inner = request(new URL(url, realm), { method: method!, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(inner);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
