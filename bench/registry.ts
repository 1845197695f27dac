/** Debian's registry for a measurement, with the contents thrown away between runs. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startDockerRegistry } from "../test/docker-registry.ts";

export interface BenchRegistry {
  readonly host: string;
  /** Forgets everything, so that the next run finds an empty registry. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function startRegistry(): Promise<BenchRegistry> {
  const registry = await startDockerRegistry({ cache: false });
  return {
    host: registry.host,
    // The filesystem driver keeps nothing in memory: an empty folder is an empty registry.
    async empty() {
      rmSync(join(registry.folder, "root", "docker"), { recursive: true, force: true });
      mkdirSync(join(registry.folder, "root"), { recursive: true });
    },
    close: () => registry.close(),
  };
}
