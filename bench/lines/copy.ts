/** Copies between registries and into a layout: 20 × 50 MiB, 2,000 small blobs, and where nothing is to do. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countRequests } from "../counting.ts";
import { writeImageLayout } from "../image.ts";
import type { Line } from "../line.ts";
import { regctlHosts, rivals, wharf } from "../peers.ts";
import { startRegistry } from "../registry.ts";
import { MiB, KiB } from "../units.ts";

const name = "bench/image";

/** A registry that holds the image, and an empty one. */
async function prepare(layers: number, size: number) {
  const folder = mkdtempSync(join(tmpdir(), "wharf-bench-copy-"));
  const [source, target] = [await startRegistry(), await startRegistry()];
  writeImageLayout(join(folder, "image"), layers, size);
  const [program, ...words] = wharf(
    "copy",
    `oci:${join(folder, "image")}:latest`,
    `${source.host}/${name}:latest`,
  );
  execFileSync(program!, words, { stdio: "ignore" });
  rmSync(join(folder, "image"), { recursive: true });
  const close = async () => {
    await source.close();
    await target.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, source, target, close };
}

function between(layers: number, size: number, rounds: number, title: string): Line {
  return {
    title,
    rounds,
    async prepare() {
      const { source, target, close } = await prepare(layers, size);
      const [from, to] = [`${source.host}/${name}:latest`, `${target.host}/${name}:latest`];
      const reset = () => target.empty();
      const contenders = [
        { name: "wharf", command: () => wharf("copy", from, to, "--quiet"), reset },
        ...rivals(
          {
            crane: { command: () => ["crane", "copy", from, to] },
            regctl: {
              command: () => [
                "regctl",
                ...regctlHosts(source.host, target.host),
                "image",
                "copy",
                from,
                to,
              ],
            },
            oras: {
              command: () => ["oras", "copy", "--from-plain-http", "--to-plain-http", from, to],
            },
            skopeo: {
              command: () => [
                "skopeo",
                "copy",
                "--all",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                `docker://${from}`,
                `docker://${to}`,
              ],
            },
          },
          reset,
        ),
      ];
      return { contenders, close };
    },
  };
}

export const largeBetweenRegistries = between(
  20,
  50 * MiB,
  3,
  "copy 20 × 50 MiB, registry → registry",
);
export const smallBetweenRegistries = between(
  2000,
  2 * KiB,
  1,
  "copy 2,000 × 2 KiB, registry → registry",
);

export const largeIntoLayout: Line = {
  title: "copy 20 × 50 MiB, registry → OCI layout",
  rounds: 3,
  async prepare() {
    const { folder, source, close } = await prepare(20, 50 * MiB);
    const from = `${source.host}/${name}:latest`;
    const layout = join(folder, "layout");
    const reset = async () => rmSync(layout, { recursive: true, force: true });
    const contenders = [
      {
        name: "wharf",
        command: () => wharf("copy", from, `oci:${layout}:latest`, "--quiet"),
        reset,
      },
      ...rivals(
        {
          crane: { command: () => ["crane", "pull", "--format=oci", from, layout] },
          regctl: {
            command: () => [
              "regctl",
              ...regctlHosts(source.host),
              "image",
              "copy",
              from,
              `ocidir://${layout}:latest`,
            ],
          },
          oras: {
            command: () => [
              "oras",
              "copy",
              "--from-plain-http",
              "--to-oci-layout",
              from,
              `${layout}:latest`,
            ],
          },
          skopeo: {
            command: () => [
              "skopeo",
              "copy",
              "--all",
              "--src-tls-verify=false",
              `docker://${from}`,
              `oci:${layout}:latest`,
            ],
          },
        },
        reset,
      ),
    ];
    return { contenders, close };
  },
};

export const nothingToDo: Line = {
  title: "copy where the target has everything",
  rounds: 15,
  warmUp: 2,
  async prepare() {
    const { source, target, close } = await prepare(20, 64 * KiB);
    const [from, to] = [`${source.host}/${name}:latest`, `${target.host}/${name}:latest`];
    const [program, ...words] = wharf("copy", from, to, "--quiet");
    execFileSync(program!, words);
    const commands = (a: string, b: string): Record<string, readonly string[]> => ({
      wharf: wharf("copy", "--no-referrers", "--quiet", a, b),
      crane: ["crane", "copy", a, b],
      regctl: ["regctl", ...regctlHosts(a.split("/")[0]!, b.split("/")[0]!), "image", "copy", a, b],
      oras: ["oras", "copy", "--from-plain-http", "--to-plain-http", a, b],
      skopeo: [
        "skopeo",
        "copy",
        "--all",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        `docker://${a}`,
        `docker://${b}`,
      ],
    });
    const own = commands(from, to);
    const peers = Object.entries(own).filter(([peer]) => peer !== "wharf");
    const contenders = [
      { name: "wharf", command: () => own.wharf! },
      { name: "node -e 0", command: () => [process.execPath, "-e", "0"] },
      ...rivals(Object.fromEntries(peers.map(([peer, words]) => [peer, { command: () => words }]))),
    ];
    const notes = async () => {
      const counts: string[] = [];
      for (const { name: peer } of contenders) {
        if (!(peer in own)) continue;
        const count = await countRequests(
          [source.host, target.host],
          ([a, b]) => commands(`${a}/${name}:latest`, `${b}/${name}:latest`)[peer]!,
        );
        counts.push(`${peer} ${count}`);
      }
      return [`requests: ${counts.join(", ")}`];
    };
    return { contenders, notes, close };
  },
};
