/** The requests that open a session; they carry no token. */
import type { HttpResponse } from "../../http/http.ts";
import type { AnyOperation } from "../../operation.ts";
import * as auth from "../operations/auth.ts";
import { readAnswer } from "./answer.ts";
import type { Input } from "./request.ts";
import type { SignIn } from "./session.ts";

type Exchange = (
  operation: AnyOperation,
  input: Input,
  signal: AbortSignal,
) => Promise<HttpResponse>;

/** A refusal that carries a token for the second factor has a few hundred bytes. */
const refusalLimit = 64 * 1024;

export function signInBy(exchange: Exchange): SignIn {
  return {
    async createToken(identifier, secret, signal) {
      const { createToken } = auth;
      const response = await exchange(createToken, { identifier, secret }, signal);
      const answer = await readAnswer(createToken, response);
      return (answer as auth.AccessTokenAnswer).access_token;
    },
    async login(username, password, signal) {
      const response = await exchange(auth.login, { username, password }, signal);
      if (response.status === 401) {
        const text = await response.text(refusalLimit);
        const secondFactor = secondFactorOf(text);
        if (secondFactor !== undefined) return { secondFactor };
        return readAnswer(auth.login, { ...response, ...replayed(text) }) as Promise<never>;
      }
      return { token: ((await readAnswer(auth.login, response)) as auth.LoginAnswer).token };
    },
    async loginTwoFactor(login_2fa_token, code, signal) {
      const { loginTwoFactor } = auth;
      const response = await exchange(loginTwoFactor, { login_2fa_token, code }, signal);
      return ((await readAnswer(loginTwoFactor, response)) as auth.LoginAnswer).token;
    },
  };
}

function secondFactorOf(text: string): string | undefined {
  try {
    const token = (JSON.parse(text) as Record<string, unknown> | null)?.["login_2fa_token"];
    return typeof token === "string" && token !== "" ? token : undefined;
  } catch {
    return undefined;
  }
}

/** A body that was read already, for whoever makes an error of it. */
function replayed(text: string) {
  return {
    body: (async function* () {
      yield Buffer.from(text);
    })(),
  };
}
