import { command } from "../command.ts";
import type { SandboxOptions } from "../../sandbox/sandbox.ts";
import { usage, wholeNumber } from "../flags.ts";
import { configOf, startAt, whatToTry } from "../sandboxing.ts";

export default command({
  arguments: [],
  flags: {
    port: { about: "Port; 0 is any free one", value: "N", preset: "5080" },
    host: { about: "Address to listen on", value: "ADDRESS", preset: "127.0.0.1" },
    "host-name": {
      about:
        "Name by which others call it, for --host; addresses and names without a dot need none",
      value: "NAME",
      repeated: true,
    },
    separate: {
      about:
        "A port for each, from --port on: registry, token service, Docker Hub's API, Scout and control",
    },
    data: { about: "Live on in this folder; without it, in memory", value: "DIR" },
    scale: {
      about: "What it begins with: small, or large with 1,000 repositories and 100,000 tags",
      value: "SCALE",
      preset: "small",
    },
    seed: {
      about: "Begin with what a file says instead, or with a snapshot; - is standard input",
      value: "FILE",
    },
    "allow-webhooks-to": {
      about: "Host besides this machine that webhooks may be sent to",
      value: "HOST",
      repeated: true,
    },
    faults: {
      about:
        "What goes wrong: [METHOD] [PATH|OPERATION|PART] FAULT [NAME=VALUE]…, or a file with a rule a line",
      value: "RULE|@FILE",
      repeated: true,
    },
    "rate-limit": {
      about: "Requests to Docker Hub's API in a minute, for each account and address",
      value: "N",
      preset: "180",
    },
    "pull-limit": {
      about: "Pulls in six hours, in place of 100 for an address and 200 for an account",
      value: "N",
    },
    empty: { about: "Begin without accounts, images and repositories" },
    "write-config": {
      about: "Write a configuration file with which every command takes it for Docker Hub",
      value: "FILE",
    },
    quickstart: { about: "Another port where it is taken" },
  },
  about:
    "The API with accounts, organizations and tokens, the token service, and a registry, on one port: it behaves like the real ones and reaches nothing outside. It prints accounts, and commands to try. Ctrl-C ends it.\n\nA fault is a status (429, 503, …), or delay, html, expired, reset, cut, truncate, corrupt, slow, digest, stall. When: nth=2, first=3, every=5, rate=0.1. Part: hub, registry, auth or scout; * in a path is any text. All of it: docs/sandbox-faults.md.",
  examples: [
    { command: "wharf sandbox", does: "A Docker Hub on this machine, gone when it ends" },
    { command: "wharf sandbox --data ./hub --port 5090", does: "One that remembers" },
    {
      command: "wharf sandbox --seed team.yaml",
      does: "With the accounts and repositories of a file",
    },
    {
      command: "wharf sandbox --separate",
      does: "Registry on 5080, tokens on 5081, Hub on 5082 without /hub",
    },
    {
      command:
        "wharf sandbox --faults 'GET /v2/*/blobs/* cut at=1000 nth=2' \\\n    --faults 'tags.list 429 first=2'",
      does: "The second download of a blob is cut, the first two lists of tags refused",
    },
    { command: "wharf sandbox --port 0 --json", does: "For tests: any free port, printed as JSON" },
  ],
  async run({ flags, output, signal }) {
    const { startSandbox } = await import("../../sandbox/sandbox.ts");
    const options: SandboxOptions = {
      host: flags.host,
      hostNames: flags["host-name"],
      separate: flags.separate,
      ...(flags.data !== undefined && { data: flags.data }),
      ...(await beginning(flags)),
      ...(flags.faults.length > 0 && { faults: await rulesFrom(flags.faults) }),
      allowWebhooksTo: flags["allow-webhooks-to"],
      rateLimit: wholeNumber("rate-limit", flags["rate-limit"], { from: 1 }),
      ...(flags["pull-limit"] !== undefined && { pullLimits: limited(flags["pull-limit"]) }),
      onFailure: (error) => output.note(`The sandbox failed: ${String(error)}`),
    };
    const port = wholeNumber("port", flags.port, { from: 0, to: 65_535 });
    const sandbox = await startAt(port, flags.quickstart, (port) =>
      startSandbox({ ...options, port }),
    );
    try {
      const config = flags["write-config"];
      if (config !== undefined) await writeText(config, configOf(sandbox));
      const { url, hubUrl, scoutUrl, urls, host, port, accounts } = sandbox;
      if (output.json) await output.item({ url, hubUrl, scoutUrl, urls, host, port, accounts });
      else {
        await output.line(`Docker Hub is ${hubUrl}, its registry ${host}`);
        if (flags.separate) await output.line(`Tokens: ${urls.auth}/token, Scout: ${urls.scout}`);
        await output.line(`What it holds, and what it was asked: ${urls.control}/`);
        for (const { rule } of sandbox.faults) await output.line(`Goes wrong: ${rule}`);
        await output.line(whatToTry(sandbox, { ours: flags.seed === undefined, config }));
      }
      await output.flush();
      await aborted(signal);
    } finally {
      await sandbox.close();
    }
  },
});

function limited(words: string) {
  const limit = wholeNumber("pull-limit", words, { from: 0 });
  return { anonymous: limit, account: limit };
}

async function rulesFrom(words: readonly string[]): Promise<string[]> {
  const { readFaults } = await import("../../sandbox/faults/reading.ts");
  return readFaults(words);
}

/** What the flags say of the beginning; with `--data` it counts where the folder is new. */
async function beginning(flags: {
  readonly scale: string;
  readonly seed: string | undefined;
  readonly empty: boolean;
}): Promise<Pick<SandboxOptions, "seed" | "seedFolder">> {
  const { scale, seed, empty } = flags;
  if (scale !== "small" && scale !== "large")
    throw usage(`--scale is small or large, not '${scale}'`);
  if (empty && (seed !== undefined || scale !== "small"))
    throw usage("--empty goes neither with --seed nor with --scale");
  if (seed !== undefined && scale !== "small") throw usage("--seed does not go with --scale");
  if (seed === undefined) return { seed: empty ? "none" : scale };
  const { readSeedFile } = await import("../../sandbox/seed/reading.ts");
  return readSeedFile(seed);
}

/** @throws WharfError FILE_FAILED */
async function writeText(path: string, text: string): Promise<void> {
  const [{ writeFile }, { dirname }, { makeFolders }, { diskError }] = await Promise.all([
    import("node:fs/promises"),
    import("node:path"),
    import("../../folders.ts"),
    import("../../store/disk/failure.ts"),
  ]);
  try {
    await makeFolders(dirname(path));
    await writeFile(path, text);
  } catch (error) {
    throw diskError(error, path);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
