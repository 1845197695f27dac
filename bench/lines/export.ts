/** The files of an image of 1 GiB as one tar. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFilesLayout } from "../files-image.ts";
import type { Line } from "../line.ts";
import { rivals, wharf } from "../peers.ts";
import { startRegistry } from "../registry.ts";
import { GiB } from "../units.ts";

const layers = 8;

export const files: Line = {
  title: "export the files of an image of 1 GiB in 8 gzip layers",
  rounds: 5,
  warmUp: 1,
  async prepare() {
    const folder = mkdtempSync(join(tmpdir(), "wharf-bench-export-"));
    const registry = await startRegistry();
    await writeFilesLayout(join(folder, "image"), layers, GiB / layers);
    const name = `${registry.host}/bench/files:latest`;
    const [program, ...words] = wharf("copy", `oci:${join(folder, "image")}:latest`, name);
    execFileSync(program!, words, { stdio: "ignore" });
    rmSync(join(folder, "image"), { recursive: true });
    const out = join(folder, "fs.tar");
    const reset = async () => rmSync(out, { force: true });
    const contenders = [
      { name: "wharf", command: () => wharf("export", name, "-o", out, "--quiet"), reset },
      ...rivals({ crane: { command: () => ["crane", "export", name, out] } }, reset),
    ];
    const close = async () => {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { contenders, close };
  },
};
