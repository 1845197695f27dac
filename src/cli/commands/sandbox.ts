import { command } from "../command.ts";
import type { SandboxOptions } from "../../sandbox/sandbox.ts";
import { usage, wholeNumber } from "../flags.ts";

export default command({
  arguments: [],
  flags: {
    port: { about: "Port; 0 is any free one", value: "N", preset: "5080" },
    host: { about: "Address to listen on", value: "ADDRESS", preset: "127.0.0.1" },
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
    empty: { about: "Begin without accounts, images and repositories" },
  },
  about:
    "The API with accounts, organizations and tokens, the token service, and a registry, on one port: it behaves like the real ones and reaches nothing outside. It prints accounts, and commands to try. Ctrl-C ends it.\n\nA fault is a status (429, 503, …), or delay, html, expired, reset, cut, truncate, corrupt, slow, digest, stall. When: nth=2, first=3, every=5, rate=0.1. Part: hub, registry, auth or scout; * in a path is any text. All of it: docs/sandbox.md.",
  examples: [
    { command: "wharf sandbox", does: "A Docker Hub on this machine, gone when it ends" },
    { command: "wharf sandbox --data ./hub --port 5090", does: "One that remembers" },
    {
      command: "wharf sandbox --seed team.yaml",
      does: "With the accounts and repositories of a file",
    },
    {
      command: "wharf sandbox --separate",
      does: "Registry on 5080, tokens on 5081, Hub on 5082 without /hub, as these are hosts of their own",
    },
    {
      command:
        "wharf sandbox --faults 'GET /v2/*/blobs/* cut at=1000 nth=2' --faults 'tags.list 429 first=2'",
      does: "One that cuts the second download of a blob, and refuses the first two lists of tags",
    },
    { command: "wharf sandbox --port 0 --json", does: "For tests: any free port, printed as JSON" },
  ],
  async run({ flags, output, signal }) {
    const { startSandbox } = await import("../../sandbox/sandbox.ts");
    const sandbox = await startSandbox({
      host: flags.host,
      port: wholeNumber("port", flags.port, { from: 0, to: 65_535 }),
      separate: flags.separate,
      ...(flags.data !== undefined && { data: flags.data }),
      ...(await beginning(flags)),
      ...(flags.faults.length > 0 && { faults: await rulesFrom(flags.faults) }),
      allowWebhooksTo: flags["allow-webhooks-to"],
      onFailure: (error) => output.note(`The sandbox failed: ${String(error)}`),
    });
    try {
      const { url, hubUrl, urls, host, port, accounts } = sandbox;
      if (output.json) await output.item({ url, hubUrl, urls, host, port, accounts });
      else {
        await output.line(`Docker Hub is ${hubUrl}, its registry ${host}`);
        if (flags.separate)
          await output.line(
            `Tokens: ${urls.auth}/token, Scout: ${urls.scout}, control: ${urls.control}/`,
          );
        for (const { rule } of sandbox.faults) await output.line(`Goes wrong: ${rule}`);
        if (!flags.empty) await output.line(whatToTry(sandbox, flags.seed === undefined));
      }
      await output.flush();
      await aborted(signal);
    } finally {
      await sandbox.close();
    }
  },
});

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

interface Running {
  readonly urls: { readonly control: string };
  readonly hubUrl: string;
  readonly host: string;
  readonly accounts: readonly {
    readonly name: string;
    readonly password: string;
    readonly totp?: string;
    readonly about: string;
  }[];
}

/** Accounts, and commands that work as printed. @param ours whether it holds what our seeds hold */
function whatToTry({ urls, hubUrl, host, accounts }: Running, ours: boolean): string {
  if (accounts.length === 0) return "";
  const width = Math.max(...accounts.map(({ password }) => password.length));
  const names = Math.max(6, ...accounts.map(({ name }) => name.length));
  const [owner] = accounts;
  const second = accounts.find(({ totp }) => totp !== undefined);
  return [
    "",
    "Accounts, with their passwords:",
    ...accounts.map(
      ({ name, password, about }) => `  ${name.padEnd(names)} ${password.padEnd(width)}  ${about}`,
    ),
    ...(second
      ? [`  ${second.name}'s code now: curl ${urls.control}/accounts/${second.name}/code`]
      : []),
    "",
    "In another terminal, try:",
    `  export DOCKERHUB_URL=${hubUrl}`,
    `  export DOCKERHUB_USERNAME=${owner?.name} DOCKERHUB_PASSWORD=${owner?.password}`,
    ...(ours
      ? [
          "  wharf hub repositories list harbour",
          "  wharf hub repositories create alice/first --description 'My first'",
          "  wharf hub tags harbour/api",
          `  wharf login ${host} --username ${owner?.name}`,
          `  wharf copy ${host}/library/hello:latest ${host}/alice/first:v1`,
          `  wharf inspect ${host}/alice/first:v1`,
        ]
      : [
          `  wharf hub repositories list ${owner?.name}`,
          `  wharf login ${host} --username ${owner?.name}`,
        ]),
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
