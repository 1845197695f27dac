/** Podman with a storage of its own in a folder, so that nothing of the machine's is touched. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { tool } from "./tools.ts";

export const podman = tool("podman", "apt-get install podman");
const execute = promisify(execFile);

export interface PrivatePodman {
  /** Words that choose the storage. */
  readonly options: readonly string[];
  run(...words: string[]): Promise<string>;
  /** Sees that the busybox of `images.ts` starts; where containers cannot be made, in what podman has unpacked. */
  starts(image: string): Promise<void>;
}

export function podmanIn(folder: string): PrivatePodman {
  const [root, runRoot, tmp] = ["root", "run", "tmp"].map((name) => join(folder, name));
  const own = `--root ${root} --runroot ${runRoot} --tmpdir ${tmp} --storage-driver vfs`;
  const options = `${own} --cgroup-manager cgroupfs --events-backend none`.split(" ");
  const run = (...words: string[]) => podman.run([...options, ...words]);
  return {
    options,
    run,
    async starts(image) {
      const said = await run("run", "--rm", "--network=none", image).catch(() => undefined);
      if (said !== undefined) return assert.equal(said, "hello from busybox\n");
      const mounted = (await run("image", "mount", image)).trim();
      const start =
        process.getuid?.() === 0
          ? ["chroot", mounted, "/bin/busybox"]
          : [join(mounted, "bin/busybox")];
      const { stdout } = await execute(start[0]!, [...start.slice(1), "echo", "started"]);
      assert.equal(stdout, "started\n");
      await run("image", "unmount", image);
    },
  };
}
