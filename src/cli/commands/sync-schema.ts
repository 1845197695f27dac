import { command } from "../command.ts";

export default command({
  arguments: [],
  flags: {},
  about: "Editors check and complete YAML by it: # yaml-language-server: $schema=sync.schema.json",
  examples: [{ command: "wharf sync schema > sync.schema.json", does: "For an editor" }],
  async run({ output }) {
    const { jsonSchema } = await import("../../sync/schema.ts");
    await output.value(jsonSchema());
  },
});
