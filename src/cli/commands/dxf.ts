import { isError } from "../../errors.ts";
import { command } from "../command.ts";
import { commands } from "../dxf/commands.ts";
import { usage } from "../flags.ts";
import { nearest } from "../../config/nearest.ts";

const heads = Object.entries(commands).map(([name, { usage: words }]) => `${name} ${words}`);
const column = Math.max(...heads.map(({ length }) => length));
const rows = Object.values(commands).map(
  ({ about }, at) => `${heads[at]!.padEnd(column)}  ${about}`,
);

export default command({
  arguments: [
    { name: "COMMAND", about: "One of those above", choices: Object.keys(commands) },
    { name: "REPO", about: "Repository, as it is: nothing is put in front", optional: true },
    { name: "ARG", about: "What the command takes", optional: true, repeated: true },
  ],
  flags: {
    "keep-alias": { about: "del-blob deletes what @ALIAS names, but not the alias" },
  },
  persists: true,
  about: [
    "Does what python-dxf's command does, with its output and exit status:\n",
    ...rows,
    "\npull-blob, blob-size, del-blob, get-alias and get-digest take a manifest from standard input where nothing follows REPO. What is asked of an index is answered as JSON by platform.\n",
    "The registry and all settings come from dxf's variables: DXF_HOST, DXF_INSECURE, DXF_USERNAME, DXF_PASSWORD, DXF_AUTHORIZATION, DXF_AUTH_HOST, DXF_TOKEN, DXF_PROGRESS, DXF_BLOB_INFO, DXF_CHUNK_SIZE, DXF_SKIPTLSVERIFY, DXF_TLSVERIFY, DXF_PLATFORM, REQUESTS_CA_BUNDLE.\n",
    "Exit status: 0, 13 unauthorized, 2 not found or usage, 1 all else.",
  ].join("\n"),
  examples: [
    {
      command: "wharf dxf push-blob fred/datalogger logger.dat @may15-readings",
      does: "Store a file under a name",
    },
    {
      command: "wharf dxf pull-blob fred/datalogger @may15-readings > logger.dat",
      does: "Get it back",
    },
    {
      command: "DXF_TOKEN=$(wharf dxf auth fred/datalogger pull)",
      does: "A token for the commands that follow, for some minutes",
    },
  ],
  async run(call) {
    const { signal, output, flags } = call;
    const [name = "", repository, ...words] = call.arguments;
    const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!found) throw unknown(name);
    const say = (what: string) =>
      usage(`wharf dxf ${name}: ${what}`, `Usage: wharf dxf ${name} ${found.usage}`.trimEnd());
    if (output.json) throw say("there is no --json: what it prints is what dxf prints");
    if (flags["keep-alias"] && name !== "del-blob") throw say("--keep-alias is for del-blob");
    if (found.whole && repository !== undefined) throw say("too many arguments");
    if (!found.whole && repository === undefined) throw say("too few arguments");
    if (words.length < (found.least ?? 0)) throw say("too few arguments");
    if (words.length > (found.most ?? Infinity)) throw say("too many arguments");
    const alias = found.alias === undefined ? undefined : words[found.alias];
    if (alias !== undefined && !alias.startsWith("@"))
      throw say("invalid alias: it is written with an @ in front");
    const [{ readEnvironment }, { Session }] = await Promise.all([
      import("../dxf/environment.ts"),
      import("../dxf/session.ts"),
    ]);
    try {
      const environment = readEnvironment(process.env);
      await found.run(new Session(call, environment, repository, words));
      return 0;
    } catch (error) {
      // What else is a defect, or Ctrl-C, is told as everywhere.
      if (signal.aborted || !isError(error)) throw error;
      const [{ explained, statusOf }, { report }] = await Promise.all([
        import("../dxf/failure.ts"),
        import("../report.ts"),
      ]);
      await output.flush();
      report(explained(error), process.argv.slice(2), "dxf");
      return statusOf(error);
    }
  },
});

function unknown(name: string) {
  const names = Object.keys(commands);
  const near = nearest(name, names);
  const hint = near ? `Did you mean 'wharf dxf ${near}'?` : `Known: ${names.join(", ")}`;
  return usage(`wharf dxf has no command '${name}'`, hint);
}
