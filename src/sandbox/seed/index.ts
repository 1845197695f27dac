/** Which seed a sandbox begins with. */
import { WharfError } from "../../errors.ts";
import type { Seed } from "./schema.ts";

export type { Seed };

/** Somebody who can sign in. */
export interface SeedAccount {
  readonly name: string;
  readonly password: string;
  /** Secret of the second factor, base 32, as an authenticator takes it. */
  readonly totp?: string;
  /** Who that is, in words for people. */
  readonly about: string;
}

/** `small` and `large` are ours, `none` is nothing at all. */
export type SeedName = "small" | "large" | "none";

/** @throws WharfError CONFIG_INVALID for a seed of others that makes no sense */
export async function seedOf(seed: SeedName | Seed): Promise<Seed | undefined> {
  if (seed === "none") return undefined;
  if (seed === "small") return (await import("./small.ts")).smallSeed;
  if (seed === "large") return (await import("./large.ts")).largeSeed();
  if (typeof seed === "string")
    throw new WharfError("CONFIG_INVALID", `there is no seed '${String(seed)}'`, {
      hint: "small, large, none; or what readSeed() has made of a file.",
    });
  const { checkSeed } = await import("./file.ts");
  return checkSeed(seed);
}

/** Who can sign in after a seed. */
export function accountsOf(seed: Seed | undefined): SeedAccount[] {
  return (seed?.accounts ?? []).flatMap(({ name, password, totp, about = "" }) =>
    password === undefined ? [] : [{ name, password, about, ...(totp !== undefined && { totp }) }],
  );
}

/**
 * Reads a seed file, for the `seed` of `startSandbox`.
 *
 * @param text YAML or JSON; docs/sandbox-seeds.md has the format
 * @param options.name of the file, for messages
 * @throws WharfError CONFIG_INVALID, which names file, line and field
 * @example
 * const seed = await readSeed(await readFile("team.yaml", "utf8"), { name: "team.yaml" });
 * const sandbox = await startSandbox({ seed });
 */
export async function readSeed(
  text: string,
  options: { readonly name?: string } = {},
): Promise<Seed> {
  const file = await import("./file.ts");
  return file.readSeed(text, options.name);
}

/** The JSON Schema of seed files, for editors. */
export async function seedSchema(): Promise<object> {
  const { jsonSchema } = await import("./schema.ts");
  return jsonSchema();
}
