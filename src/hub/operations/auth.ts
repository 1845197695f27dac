/**
 * Opening and closing sessions. The client does this on its own; call these where you keep tokens yourself.
 * Source: Docker Hub API, "authentication-api".
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { secret } from "../parameters.ts";

const accessTokenAnswer = z.looseObject({ access_token: z.string() });
/** A token of a session, as it is minted now. */
export interface AccessTokenAnswer extends z.infer<typeof accessTokenAnswer> {}

const session = z.looseObject({
  token: z.string(),
  refresh_token: z.string().optional(),
});
/** A token of a session, as a login with user and password gives it. */
export interface LoginAnswer extends z.infer<typeof session> {}
const LoginAnswer = named<LoginAnswer>(session);

/** Opens a session with a password, a personal or an organization access token. */
export const createToken = operation({
  summary: "Opens a session with a password, a personal or an organization access token.",
  description:
    "The token is a JWT and ends after ten minutes. A user whose organization enforces single sign-on needs a personal access token.",
  http: "POST /v2/auth/token",
  auth: "none",
  effect: "create",
  input: z.strictObject({
    identifier: z.string().min(1).describe("Docker ID; for an organization's token its name"),
    secret: secret.describe("Password, personal access token or organization access token"),
  }),
  output: named<AccessTokenAnswer>(accessTokenAnswer),
  secrets: ["access_token"],
});

/** Opens a session with user and password, the older way, which knows a second factor. */
export const login = operation({
  summary: "Opens a session with user and password, the older way, which knows a second factor.",
  description:
    "Where the user has a second factor the answer is 401, and the error has login_2fa_token in details.partial, for loginTwoFactor. An organization's token is refused here.",
  http: "POST /v2/users/login",
  auth: "none",
  effect: "create",
  status: "legacy",
  replacedBy: "auth.createToken",
  input: z.strictObject({
    username: z.string().min(1).describe("Docker ID"),
    password: secret.describe("Password or personal access token"),
  }),
  output: LoginAnswer,
  secrets: ["token", "refresh_token"],
});

/** Ends a login that wants a second factor. */
export const loginTwoFactor = operation({
  summary: "Ends a login that wants a second factor.",
  http: "POST /v2/users/2fa-login",
  auth: "none",
  effect: "create",
  input: z.strictObject({
    login_2fa_token: secret.describe("What the login answered"),
    code: secret.describe("The code that the authenticator shows"),
  }),
  output: LoginAnswer,
  secrets: ["token", "refresh_token"],
});

/** Ends a session. */
export const logout = operation({
  summary: "Ends a session.",
  description: "Tokens of ten minutes need none; last seen in use in 2021.",
  http: "POST /v2/logout/",
  effect: "update",
  status: "undocumented",
  input: z.strictObject({}),
  output: z.void(),
});
