/** Who may do what on a registry server: signing in, rules, tags that stay. */
import { WharfError } from "../../errors.ts";
import type { Access, Permit, RegistryOptions } from "../exchange.ts";
import { Refusal } from "../refusal.ts";
import { noteUser } from "../user.ts";
import type { Authentication, Caller } from "./caller.ts";
import type { RuleAction, Rules } from "./rules/rules.ts";
import type { TokenService } from "./tokens/tokens.ts";
import type { WatchedFile } from "./watchedFile.ts";

export type { TokenService };

/** All of it may be left out; at most one of `passwords` and `tokens` may be given. */
export interface AccessOptions {
  /** File of users and passwords hashed with bcrypt, as `htpasswd -B` writes it. */
  readonly passwords?: string;
  /** The service whose tokens count. */
  readonly tokens?: TokenService;
  /** File of rules, YAML or JSON. Without it, whoever is let in may do everything (that the token grants). */
  readonly rules?: string;
  /** Told when one of the files has changed and is of no use; what it said before holds on. */
  onFailure?(error: WharfError): void;
}

/** To be spread into the options of `startServer` or `createRegistryHandler`. */
export interface RegistryAccess
  extends Required<Pick<RegistryOptions, "authorize">>, Pick<RegistryOptions, "isImmutable"> {
  /** Whether callers can be told apart, so that others may reach the server. */
  readonly authenticates: boolean;
  /** Ends the threads on which passwords are compared. */
  close(): Promise<void>;
}

/**
 * Opens what says who may do what. The files are read again when they change.
 *
 * @throws WharfError CONFIG_INVALID (with file, line and field), FILE_NOT_FOUND, FILE_FAILED, USAGE
 * @example
 * const access = await openAccess({ passwords: "/etc/registry/htpasswd", rules: "/etc/registry/rules.yaml" });
 * const server = await startServer({ collection, host: "0.0.0.0", ...access });
 * // …
 * await server.close();
 * await access.close();
 */
export async function openAccess(options: AccessOptions): Promise<RegistryAccess> {
  const rules = options.rules === undefined ? undefined : await openRules(options.rules, options);
  const authentication = await openAuthentication(options);
  return {
    authenticates: authentication !== undefined,
    async authorize(request, access) {
      const caller = (await authentication?.identify(request, access)) ?? {};
      // Noted before anything is refused: the log tells who tried.
      if (caller.user !== undefined) noteUser(request, caller.user);
      const current = await rules?.current();
      check(caller, access, current, authentication);
      return permitOf(caller, current);
    },
    ...(rules && { isImmutable: (name, tag) => rules.latest.isImmutable(name, tag) }),
    close: async () => authentication?.close(),
  };
}

async function openRules(path: string, options: AccessOptions): Promise<WatchedFile<Rules>> {
  const { WatchedFile } = await import("./watchedFile.ts");
  const { parseRules } = await import("./rules/file.ts");
  return WatchedFile.open(path, parseRules, options);
}

async function openAuthentication(options: AccessOptions): Promise<Authentication | undefined> {
  const { passwords, tokens } = options;
  if (passwords !== undefined && tokens !== undefined)
    throw new WharfError("USAGE", "Passwords and a token service exclude each other");
  if (passwords !== undefined)
    return (await import("./passwords/passwords.ts")).Passwords.open(passwords, options);
  if (tokens !== undefined)
    return (await import("./tokens/tokens.ts")).Tokens.open(tokens, options);
  return undefined;
}

/** @throws Refusal */
function check(
  caller: Caller,
  access: Access | undefined,
  rules: Rules | undefined,
  authentication: Authentication | undefined,
): void {
  if (access === undefined || !rules || rules.isOpen) {
    // At `/v2/` clients learn how to sign in; nobody would who is let in without.
    if (authentication && caller.user === undefined && !caller.grants)
      throw authentication.challenge(access);
    return;
  }
  const { type, name, actions } = access;
  const isAllowed =
    type === "registry"
      ? rules.allowSome(caller.user)
      : actions.every((action) => rules.allow(caller.user, action as RuleAction, name));
  if (isAllowed) return;
  if (authentication && caller.user === undefined) throw authentication.challenge(access);
  const verb = actions.includes("push") ? "push to" : `${actions[0]} from`;
  const what = type === "registry" ? "list repositories" : `${verb} ${name}`;
  throw new Refusal("DENIED", `${caller.user ?? "this registry's guests"} may not ${what}`);
}

function permitOf(caller: Caller, rules: Rules | undefined): Permit {
  const { user, grants } = caller;
  const ruled = (name: string) => rules?.allow(user, "pull", name) ?? true;
  return {
    ...(user !== undefined && { user }),
    mayPull: (name) =>
      ruled(name) && (grants?.include({ type: "repository", name, actions: ["pull"] }) ?? true),
    // A token for the catalogue is a token for all of it.
    maySee: ruled,
  };
}
