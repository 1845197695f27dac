/** A disk that is full, and is given more room. */
import { spawn, spawnSync } from "node:child_process";

import { cleanEnvironment } from "../wharf.ts";

export interface SmallDisk {
  /** How this machine can have one. */
  readonly kind: "tmpfs" | "ulimit";
  /**
   * Runs a command twice; `work` in `folder` has room for `size` bytes at first, and for plenty the second time. What the
   * first has left there is there for the second. Where no file system can be mounted, no file may be larger than `size`.
   * @returns what each has said, line by line
   */
  run(folder: string, size: number, command: readonly string[]): Promise<[string[], string[]]>;
}

/** Root mounts in a namespace of its own; others, where the system permits it, as root of their own. */
const namespaces = [
  ["unshare", "--mount"],
  ["unshare", "--user", "--map-root-user", "--mount"],
];

/** Bytes of all. */
const whole = 32 << 20;

const onTmpfs = `
  mount -t tmpfs -o size=${whole} tmpfs "$FOLDER" && mkdir "$FOLDER/work" || exit 3
  head -c $((${whole} - SIZE)) /dev/zero > "$FOLDER/filler"
  "$@"; echo ---
  rm "$FOLDER/filler"
  "$@"`;

const belowLimit = `
  mkdir "$FOLDER/work"
  (ulimit -f $((SIZE / 512)); "$@"); echo ---
  "$@"`;

export function findSmallDisk(): SmallDisk {
  const probe = 'mount -t tmpfs -o size=64k tmpfs "$0"';
  const entry = namespaces.find(([program = "", ...words]) => {
    return spawnSync(program, [...words, "sh", "-c", probe, "/mnt"]).status === 0;
  });
  return {
    kind: entry ? "tmpfs" : "ulimit",
    async run(folder, size, command) {
      const script = entry ? onTmpfs : belowLimit;
      const [program = "", ...words] = [...(entry ?? []), "sh", "-c", script, "sh", ...command];
      const env = {
        ...cleanEnvironment(),
        TMPDIR: `${folder}/work`,
        FOLDER: folder,
        SIZE: String(size),
      };
      const child = spawn(program, words, { env });
      let said = "";
      child.stdout.on("data", (data: Buffer) => (said += data.toString()));
      child.stderr.on("data", (data: Buffer) => (said += data.toString()));
      await new Promise((resolve) => child.on("close", resolve));
      const [first = "", second = ""] = said.split("---\n");
      return [lines(first), lines(second)];
    },
  };
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
