/** Reads what `--faults` names: a rule, or a file of rules. */
import { readFile } from "node:fs/promises";

import { diskError } from "../../store/disk/failure.ts";
import { rulesOf } from "./rule.ts";

/**
 * @param words rules, or `@FILE` with one a line; in the order given
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED
 */
export async function readFaults(words: readonly string[]): Promise<string[]> {
  const rules: string[] = [];
  for (const word of words)
    if (word.startsWith("@")) {
      const path = word.slice(1);
      const file = await readFile(path, "utf8").catch((error: unknown) => {
        throw diskError(error, path);
      });
      rules.push(...rulesOf(file));
    } else rules.push(word);
  return rules;
}
