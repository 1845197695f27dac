/** The programs that we measure ourselves against, and how each says the same thing. */
import { fileURLToPath } from "node:url";
import { which, type Contender } from "./measure.ts";

const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));

/** Our command, on the Node that runs the bench. */
export const wharf = (...words: string[]): readonly string[] => [process.execPath, bin, ...words];

/** A contender for each rival that is on PATH and takes part in the line. */
export function rivals(
  commands: Readonly<Record<string, Omit<Contender, "name">>>,
  reset?: () => Promise<void>,
): Contender[] {
  return Object.entries(commands)
    .filter(([name]) => which(name) !== undefined)
    .map(([name, contender]) => ({ name, ...(reset ? { reset } : {}), ...contender }));
}

/** What regctl needs to be told about registries on plain http. */
export const regctlHosts = (...hosts: string[]) =>
  hosts.flatMap((host) => ["--host", `reg=${host},tls=disabled`]);
