/** Garbage collection of a registry that stands still, which is all that docker-registry can do. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Line } from "../line.ts";
import { rivals, wharf } from "../peers.ts";
import { writeStores } from "../stores.ts";

export const garbage: Line = {
  title: "collect garbage: 10,000 blobs, half of them without a tag",
  rounds: 5,
  async prepare() {
    const folder = mkdtempSync(join(tmpdir(), "wharf-bench-gc-"));
    const [ours, docker] = ["ours", "docker"].map((name) => join(folder, "original", name));
    writeStores(ours!, docker!, { repositories: 10, images: 100, blobs: 10 });
    const gc = (store: string, ...more: string[]) =>
      wharf("registry", "gc", "--store", store, "--untagged", "--grace", "0", "-q", ...more);
    // Takes the layouts into the catalogue, as the server that was pushed to has done.
    const [program, ...words] = gc(ours!, "--dry-run");
    execFileSync(program!, words, { stdio: "ignore" });
    const config = join(folder, "config.yml");
    const storage = { filesystem: { rootdirectory: join(folder, "docker") } };
    writeFileSync(config, JSON.stringify({ version: 0.1, log: { level: "error" }, storage }));

    const fresh = (name: string) => {
      rmSync(join(folder, name), { recursive: true, force: true });
      mkdirSync(join(folder, name));
      execFileSync("cp", ["-a", `${join(folder, "original", name)}/.`, join(folder, name)]);
    };
    for (const name of ["ours", "docker"]) fresh(name);
    const contenders = [
      { name: "wharf", command: () => gc(join(folder, "ours")), reset: () => fresh("ours") },
      ...rivals(
        {
          "docker-registry": {
            command: () => ["docker-registry", "garbage-collect", "--delete-untagged", config],
          },
        },
        async () => fresh("docker"),
      ),
    ];
    return { contenders, close: async () => rmSync(folder, { recursive: true, force: true }) };
  },
};
