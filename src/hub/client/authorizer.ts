/** Which secret goes with an operation, and to whom it may go. */
import { basicAuthorization } from "../../auth/credentials.ts";
import { WharfError } from "../../errors.ts";
import type { HttpResponse } from "../../http/http.ts";
import { sameSite } from "../../http/sites.ts";
import type { AnyOperation, Service } from "../../operation.ts";
import { getToken } from "../operations/pullLimit.ts";
import { readAnswer } from "./answer.ts";
import { isDocker } from "./addresses.ts";
import type { CallOptions } from "./call.ts";
import { prepare, type Prepared } from "./request.ts";
import type { Session } from "./session.ts";

interface Authorized {
  /** The value of `Authorization`, or undefined for none. */
  readonly authorization?: string;
  /** A fresh value after the first was refused, or undefined where there is none to be had. */
  readonly renew?: () => Promise<string | undefined>;
}

interface Surroundings {
  readonly session: Session;
  readonly address: (service: Service) => URL;
  readonly scimToken?: string;
  readonly exchange: (
    operation: AnyOperation,
    prepared: Prepared,
    authorization: string | undefined,
    options: CallOptions,
  ) => Promise<HttpResponse>;
}

/** Finds the secret for an operation, as its `auth` says. */
export function authorizer({ session, address, scimToken, exchange }: Surroundings) {
  return async (
    id: string,
    operation: AnyOperation,
    signal: AbortSignal | undefined,
  ): Promise<Authorized> => {
    const { auth = "required", service = "hub" } = operation;
    switch (auth) {
      case "none":
        return operation === getToken ? basic(id) : {};
      case "scim":
        if (scimToken === undefined)
          throw missing(
            id,
            "the token of a SCIM connection",
            "Create the client with { scimToken }, or set DOCKERHUB_SCIM_TOKEN for the command.",
          );
        return { authorization: `Bearer ${scimToken}` };
      case "token": {
        const credentials = await session.credentials();
        if (credentials.kind !== "secret")
          throw missing(id, "a personal access token", "Sign in with { kind: 'secret' }.");
        toldApart(id, service);
        return { authorization: `Bearer ${credentials.secret}` };
      }
      case "registry":
        return { authorization: `Bearer ${await registryToken(id, signal)}` };
      default: {
        const token = await session.token(signal);
        if (token === undefined) {
          if (auth === "optional") return {};
          throw missing(
            id,
            "an account",
            "Sign in with `wharf hub login`, or set DOCKERHUB_USERNAME and DOCKERHUB_TOKEN.",
          );
        }
        toldApart(id, service);
        return {
          authorization: `Bearer ${token}`,
          renew: async () => {
            if (!(await session.renewable(token))) return undefined;
            const fresh = await session.token(signal);
            return fresh === undefined || fresh === token ? undefined : `Bearer ${fresh}`;
          },
        };
      }
    }
  };

  /** The registry's token service takes the credentials themselves. */
  async function basic(id: string): Promise<Authorized> {
    const credentials = await session.credentials();
    if (credentials.kind === "anonymous" || credentials.kind === "jwt") return {};
    toldApart(id, "auth");
    const [username, password] =
      credentials.kind === "secret"
        ? [credentials.identifier, credentials.secret]
        : [credentials.username, credentials.password];
    return { authorization: basicAuthorization(username, password) };
  }

  async function registryToken(id: string, signal: AbortSignal | undefined): Promise<string> {
    const { authorization } = await basic(id);
    if (authorization !== undefined) toldApart(id, "registry");
    const options = signal ? { signal } : {};
    const response = await exchange(getToken, prepare(getToken, {}), authorization, options);
    const answer = (await readAnswer(getToken, response)) as Record<string, unknown>;
    const token = answer["token"] ?? answer["access_token"];
    if (typeof token === "string") return token;
    throw new WharfError("RESPONSE_INVALID", `${id}: the token service sent no token`);
  }

  /** What was given for one Docker Hub is not sent to another one's services, as when only `url` points elsewhere. */
  function toldApart(id: string, service: Service): void {
    if (service === "hub") return;
    const [hub, other] = [address("hub"), address(service)];
    if (sameSite(hub, other) || (isDocker(hub) && isDocker(other))) return;
    throw new WharfError(
      "CREDENTIALS_NOT_SENT",
      `${id}: the credentials for ${hub.host} are not sent to ${other.host}`,
      { hint: `Create the client with the address of the other service too (${service}Url).` },
    );
  }
}

function missing(id: string, what: string, hint: string): WharfError {
  return new WharfError("UNAUTHORIZED", `${id} needs ${what}`, { hint });
}
