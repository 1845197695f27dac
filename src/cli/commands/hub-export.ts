import { command } from "../command.ts";

export default command({
  arguments: [{ name: "ORG", about: "Organization" }],
  flags: {
    yaml: { about: "As YAML, not as JSON" },
    output: { about: "Write to this new file, for you alone", value: "FILE", short: "o" },
    "no-permissions": { about: "Leave out what teams may do: it takes a request for each pair" },
  },
  about:
    "Members, teams and who is in them, repositories and what teams may do there, tokens without their secrets, invitations, settings. What the account may not see is named under `missing`, and the rest is exported all the same.",
  examples: [
    { command: "wharf hub export acme -o acme.json", does: "What is there, to keep or to compare" },
    { command: "wharf hub export acme --yaml", does: "To read" },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const [{ openHub }, { exportOrganization }, { writeNew }] = await Promise.all([
      import("../hub/open.ts"),
      import("../../hub/organization.ts"),
      import("../hub/write.ts"),
    ]);
    const hub = await openHub(call);
    const exported = await exportOrganization(hub, words[0]!, {
      signal,
      permissions: !flags["no-permissions"],
    });
    const text = flags.yaml
      ? (await import("yaml")).stringify(exported)
      : `${JSON.stringify(exported, undefined, 2)}\n`;
    if (flags.output === undefined) await output.write(text);
    else {
      await writeNew(flags.output, text, 0o600);
      output.note(`Written to ${flags.output}`);
    }
    for (const { part, reason } of exported.missing) output.note(`Without ${part}: ${reason}`);
  },
});
