/** What of the command line must not be printed again, whatever else goes wrong. */

/** A shorter password alone is found in any text. */
const shortest = 4;

/** Passwords in the words that `wharf` was called with, longest first. */
export function secretsIn(words: readonly string[]): string[] {
  const secrets = new Set<string>();
  for (const [i, word] of words.entries()) {
    const value = word.startsWith("--") ? word.slice(word.indexOf("=") + 1) : word;
    const isPair = word.startsWith("--credentials=") || words[i - 1] === "--credentials";
    const login = isPair ? value.slice(value.indexOf("=") + 1) : userinfoOf(value);
    if (login === undefined || login.startsWith("@")) continue;
    const password = login.slice(login.indexOf(":") + 1);
    secrets.add(login);
    for (const text of [password, decoded(password)])
      if (text.length >= shortest) secrets.add(text);
  }
  return [...secrets].toSorted((a, b) => b.length - a.length);
}

/** `text` with all of `secrets` hidden. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);

/** `me:secret` of `https://me:secret@example.com`, also where the scheme is left out. */
function userinfoOf(word: string): string | undefined {
  if (/^(oci|oci-archive|docker-archive|docker-daemon):/.test(word)) return undefined;
  const at = word.lastIndexOf("@");
  if (at < 0 || /^sha(256|512):/.test(word.slice(at + 1))) return undefined;
  const login = word.slice(0, at).replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  return login.includes(":") ? login : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
