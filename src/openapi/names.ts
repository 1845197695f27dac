/** Names of operations in the spellings of the surfaces. */

/** `accessTokens` as commands and pages write it: `access-tokens`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
