import { command } from "../command.ts";

export default command({
  arguments: [{ name: "FILE", about: "Of regsync, or of skopeo sync; - is standard input" }],
  flags: {
    from: {
      about: "Whose file it is; seen from its fields if left out",
      value: "TOOL",
      choices: ["regsync", "skopeo"],
    },
    target: { about: "Where skopeo would copy to: HOST[/PREFIX] or oci:DIR", value: "TARGET" },
    scoped: { about: "As skopeo's --scoped: keep the whole names of repositories" },
    all: { about: "As skopeo's --all: whole indexes, not only what this machine runs" },
  },
  about:
    "Prints the file as one for `wharf sync`. What it cannot say, such as credentials and schedules, is noted on stderr and in comments, with what to do instead.",
  examples: [
    { command: "wharf sync import regsync.yml > mirror.yaml", does: "From regsync" },
    {
      command: "wharf sync import skopeo.yml --target registry.example.com/mirror --all",
      does: "From skopeo sync --all --src yaml --dest docker",
    },
  ],
  async run(call) {
    const {
      arguments: [path],
      flags,
      output,
    } = call;
    const [{ nameOfFile, readYamlFile }, { translate }] = await Promise.all([
      import("../syncing.ts"),
      import("../../sync/import/translate.ts"),
    ]);
    const text = await readYamlFile(call, path!);
    const { text: translated, notes } = translate(text, {
      name: nameOfFile(path!),
      scoped: flags.scoped,
      all: flags.all,
      ...(flags.from && { from: flags.from as "regsync" | "skopeo" }),
      ...(flags.target && { target: flags.target }),
    });
    if (output.json) return output.value({ file: translated, notes });
    await output.write(translated);
    for (const note of notes) output.note(note);
  },
});
