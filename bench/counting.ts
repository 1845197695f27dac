/** Counts the requests that a command makes, by standing between it and the registries. */
import { spawn } from "node:child_process";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";

/** Runs the command against stand-ins of the hosts; returns how many requests came through. */
export async function countRequests(
  hosts: readonly string[],
  command: (standIns: readonly string[]) => readonly string[],
): Promise<number> {
  let count = 0;
  const servers = await Promise.all(
    hosts.map(async (host) => {
      const [hostname, port] = host.split(":");
      const server = createServer((incoming, outgoing) => {
        count += 1;
        const { method, url: path, headers } = incoming;
        const upstream = forward({ hostname, port, method, path, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(outgoing);
        });
        incoming.pipe(upstream);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const standIns = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const [program, ...words] = command(standIns);
    const child = spawn(program!, words, { stdio: "ignore" });
    const status = await new Promise((resolve) => child.on("close", resolve));
    if (status !== 0) throw new Error(`${program} ended with ${status} behind the counter`);
    return count;
  } finally {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}
