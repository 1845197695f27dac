/** Who may do what with which repositories, and which tags must stay. */
import { createPattern, type Pattern } from "./pattern.ts";

export type RuleAction = "pull" | "push" | "delete";

/** A rule allows; what no rule allows is refused. */
export interface AccessRule {
  /** Patterns of repositories: `team-a/**`, `!team-a/secret`, `{user}/**`. */
  readonly repositories: readonly string[];
  /** Names of users; `authenticated` is everybody who has signed in, `anonymous` simply everybody. */
  readonly who: readonly string[];
  /** Who may push may pull too, since clients look before they push. */
  readonly may: readonly RuleAction[];
}

export interface ImmutableRule {
  readonly repositories: readonly string[];
  /** Patterns of tags: `v*`, `!latest`. */
  readonly tags: readonly string[];
}

/** What the file says. */
export interface RuleDocument {
  /** Absent where the file says nothing of access: then everybody who is let in may do everything. */
  readonly access?: readonly AccessRule[];
  readonly immutable?: readonly ImmutableRule[];
}

export class Rules {
  readonly #access: readonly (Omit<AccessRule, "repositories"> & { repositories: Pattern })[];
  readonly #isOpen: boolean;
  readonly #immutable: readonly { readonly repositories: Pattern; readonly tags: Pattern }[];

  constructor({ access, immutable = [] }: RuleDocument) {
    this.#isOpen = access === undefined;
    this.#access = (access ?? []).map(({ repositories, who, may }) => ({
      repositories: createPattern(repositories),
      who,
      may: may.includes("push") ? [...may, "pull"] : may,
    }));
    this.#immutable = immutable.map(({ repositories, tags }) => ({
      repositories: createPattern(repositories),
      tags: createPattern(tags),
    }));
  }

  /** Whether the file says nothing of access. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @param user absent for those who have not signed in */
  allow(user: string | undefined, action: RuleAction, repository: string): boolean {
    return (
      this.#isOpen ||
      this.#access.some(
        ({ who, may, repositories }) =>
          may.includes(action) && isAmong(user, who) && repositories.matches(repository, user),
      )
    );
  }

  /** Whether there may be a repository that somebody may pull. */
  allowSome(user: string | undefined): boolean {
    return (
      this.#isOpen ||
      this.#access.some(({ who, may }) => may.includes("pull") && isAmong(user, who))
    );
  }

  isImmutable(repository: string, tag: string): boolean {
    return this.#immutable.some(
      ({ repositories, tags }) => repositories.matches(repository) && tags.matches(tag),
    );
  }
}

function isAmong(user: string | undefined, who: readonly string[]): boolean {
  if (who.includes("anonymous")) return true;
  return user !== undefined && (who.includes("authenticated") || who.includes(user));
}
