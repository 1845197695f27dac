import { command } from "../command.ts";
import { usage } from "../flags.ts";

/** Docker Hub takes no more of a page, in bytes. */
const largest = 25_000;

export default command({
  arguments: [{ name: "REPO", about: "Repository of Docker Hub: acme/app" }],
  flags: {
    readme: { about: "The page, Markdown; - reads standard input", value: "FILE" },
    short: { about: "The line below the name, at most 100 characters", value: "TEXT" },
    "base-url": {
      about: "What relative links begin with, such as https://github.com/acme/app/blob/main/",
      value: "URL",
    },
    "image-base-url": {
      about: "The same for pictures; without it --base-url, with raw in place of blob",
      value: "URL",
    },
    "dry-run": { about: "Print what would be sent, and send nothing", short: "n" },
  },
  persists: true,
  about:
    "Relative links of a README lead nowhere on Docker Hub: with --base-url they are made absolute. Code is left as it is.",
  examples: [
    {
      command: 'wharf hub describe acme/app --readme README.md --short "Does things"',
      does: "In the pipeline that pushes the image",
    },
    {
      command:
        "wharf hub describe acme/app --readme README.md \\\n    --base-url https://github.com/acme/app/blob/main/",
      does: "With links that work",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const [{ openHub }, { readWords }, { repositoryOf }, { absoluteLinks }] = await Promise.all([
      import("../hub/open.ts"),
      import("../hub/read.ts"),
      import("../hub/words.ts"),
      import("../hub/links.ts"),
    ]);
    const [namespace, repository] = repositoryOf(words[0]!);
    const { readme, short } = flags;
    if (readme === undefined && short === undefined)
      throw usage("There is nothing to change", "Give --readme FILE, --short TEXT or both.");
    const base = flags["base-url"];
    const text = readme === undefined ? undefined : await readWords(call, readme);
    const page =
      text === undefined || base === undefined
        ? text
        : absoluteLinks(text, addressOf("base-url", base), pictureBase(base, flags));
    if (page !== undefined && Buffer.byteLength(page) > largest)
      throw usage(
        `The page has ${Buffer.byteLength(page)} bytes, and Docker Hub takes ${largest}`,
        "Shorten it, or link to the rest.",
      );
    const change = {
      ...(short !== undefined && { description: short }),
      ...(page !== undefined && { full_description: page }),
    };
    if (flags["dry-run"])
      return output.json
        ? output.value({ namespace, repository, ...change })
        : output.write(`${short === undefined ? "" : `${short}\n\n`}${page ?? ""}`);
    const hub = await openHub(call);
    const changed = await hub.repositories.update({ namespace, repository, ...change }, { signal });
    if (output.json) return output.value(changed);
    await output.line(`Described ${namespace}/${repository}`);
  },
});

function addressOf(flag: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw usage(
    `--${flag} is an address, not '${text}'`,
    "Write it with https:// and a slash at its end.",
  );
}

function pictureBase(base: string, flags: { readonly "image-base-url": string | undefined }): URL {
  const given = flags["image-base-url"];
  if (given !== undefined) return addressOf("image-base-url", given);
  // A page of GitHub shows a file's page at blob, and the file itself at raw.
  return addressOf(
    "base-url",
    base.replace(/^(https:\/\/github\.com\/[^/]+\/[^/]+)\/blob\//, "$1/raw/"),
  );
}
