import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { openStore } from "../open.ts";

export default command({
  arguments: [
    { name: "REF", about: "Image in a registry or oci:DIR[:TAG]" },
    { name: "NEW", about: "Tags to give it, in the same repository", repeated: true },
  ],
  flags: {},
  persists: true,
  about: "The manifest is put under the new tag as it is; nothing else is sent.",
  examples: [
    {
      command: "wharf tag localhost:5000/app:1.4.2 1.4 1 latest",
      does: "Three more names for a release",
    },
  ],
  async run(call) {
    const {
      arguments: [text, ...tags],
      output,
      signal,
    } = call;
    const { checkTag } = await import("../../reference/reference.ts");
    const whole = tags.find((tag) => tag.includes("/"));
    if (whole !== undefined)
      throw usage(`'${whole}' is no tag`, "NEW is a tag alone; wharf copy copies to a repository.");
    for (const tag of tags) checkTag(tag);
    const { store, reference, repository } = await openStore(call, text!, "resolve", "tag");
    const descriptor = await store.resolve(reference, { signal });
    for (const tag of tags) {
      await store.tag(descriptor, tag, { signal });
      const name = `${repository}:${tag}`;
      if (output.json) await output.item({ reference: name, digest: descriptor.digest });
      else await output.line(`${name}@${descriptor.digest}`);
    }
  },
});
