/** One large blob, down to a file and up from one. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeRandomFile } from "../image.ts";
import type { Line } from "../line.ts";
import { regctlHosts, rivals, wharf } from "../peers.ts";
import { startRegistry } from "../registry.ts";
import { GiB } from "../units.ts";

const repository = "bench/blob";

async function prepare() {
  const folder = mkdtempSync(join(tmpdir(), "wharf-bench-blob-"));
  const registry = await startRegistry();
  const file = join(folder, "blob");
  const digest = writeRandomFile(file, GiB);
  const close = async () => {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, registry, file, digest, close };
}

export const pull: Line = {
  title: "pull a blob of 1 GiB to a file",
  rounds: 5,
  warmUp: 1,
  async prepare() {
    const { folder, registry, file, digest, close } = await prepare();
    const [program, ...words] = wharf(
      "blob",
      "put",
      `${registry.host}/${repository}`,
      file,
      "--quiet",
    );
    execFileSync(program!, words, { stdio: "ignore" });
    rmSync(file);
    const out = join(folder, "out");
    const name = `${registry.host}/${repository}@${digest}`;
    const reset = async () => rmSync(out, { force: true });
    const contenders = [
      { name: "wharf", command: () => wharf("blob", "get", name, "-o", out, "--quiet"), reset },
      ...rivals(
        {
          crane: { command: () => ["crane", "blob", name], stdout: out },
          regctl: {
            command: () => [
              "regctl",
              ...regctlHosts(registry.host),
              "blob",
              "get",
              `${registry.host}/${repository}`,
              digest,
            ],
            stdout: out,
          },
          oras: { command: () => ["oras", "blob", "fetch", "--plain-http", "-o", out, name] },
        },
        reset,
      ),
    ];
    return { contenders, close };
  },
};

export const push: Line = {
  title: "push a blob of 1 GiB from a file",
  rounds: 3,
  async prepare() {
    const { registry, file, digest, close } = await prepare();
    const name = `${registry.host}/${repository}`;
    const reset = () => registry.empty();
    const contenders = [
      { name: "wharf", command: () => wharf("blob", "put", name, file, "--quiet"), reset },
      ...rivals(
        {
          regctl: {
            command: () => ["regctl", ...regctlHosts(registry.host), "blob", "put", name],
            stdin: file,
          },
          oras: {
            command: () => ["oras", "blob", "push", "--plain-http", `${name}@${digest}`, file],
          },
        },
        reset,
      ),
    ];
    return { contenders, close };
  },
};
