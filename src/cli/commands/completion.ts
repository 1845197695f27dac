import { command, type Command } from "../command.ts";
import { globalFlags } from "../flags.ts";
import { entries } from "../index.ts";

const shells = ["bash", "zsh", "fish"] as const;

export default command({
  arguments: [{ name: "SHELL", about: "bash, zsh or fish", choices: shells }],
  flags: {},
  about: "The script knows all commands and flags by itself: completing a word starts no process.",
  examples: [
    {
      command: "source <(wharf completion bash)",
      does: "For this bash; put the line into ~/.bashrc to keep it",
    },
    {
      command: "wharf completion zsh > ~/.zfunc/_wharf",
      does: "For zsh, in a folder of its fpath",
    },
    { command: "wharf completion fish > ~/.config/fish/completions/wharf.fish", does: "For fish" },
  ],
  async run({ arguments: [shell], output }) {
    const [{ completionScript }, { hubEntries }, { scoutEntries }] = await Promise.all([
      import("../completion/completion.ts"),
      import("../hub/commands.ts"),
      import("../scout/commands.ts"),
    ]);
    const commands = await Promise.all(
      [...entries, ...hubEntries(), ...scoutEntries()].map(async ({ name, summary, load }) => {
        const { default: definition } = (await load()) as { default: Command };
        const flags = { ...globalFlags, ...definition.flags };
        return { name, summary, arguments: definition.arguments, flags };
      }),
    );
    const script = completionScript(shell!, commands);
    await (output.json ? output.value({ shell, script }) : output.write(script));
  },
});
