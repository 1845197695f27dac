import { command } from "../command.ts";

export default command({
  arguments: [{ name: "FILE", about: "GraphQL document; - reads standard input" }],
  flags: {
    variables: { about: "Variables of the document, a JSON object", value: "JSON|@FILE" },
    operation: { about: "Which operation, where the document has several", value: "NAME" },
    yes: { about: "Do not ask whether a mutation is meant", short: "y" },
  },
  about:
    "Prints the data that comes back as JSON. Docker publishes no description of this API; its MCP server (github.com/docker/hub-mcp) brings the schema along.",
  examples: [
    {
      command: "echo '{ serviceStatus { maintenance { title } } }' | wharf scout query -",
      does: "A short one",
    },
    {
      command:
        'wharf scout query streams.graphql \\\n    --variables \'{"context": {"organization": "acme"}}\'',
      does: "With variables",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const [{ openScout }, { readObject, readWords }, { operationsIn }, { confirm }] =
      await Promise.all([
        import("../scout/open.ts"),
        import("../hub/read.ts"),
        import("../../scout/graphql/document.ts"),
        import("../prompt.ts"),
      ]);
    const document = await readWords(call, words[0]!);
    const variables =
      flags.variables === undefined ? {} : await readObject(call, flags.variables, "--variables");
    if (operationsIn(document).includes("mutation")) {
      const { isAllowed } = await import("../../hub/client/guard.ts");
      const agreed = flags.yes || isAllowed(process.env);
      await confirm(call, "Send a mutation to Docker Scout?", agreed);
    }
    const scout = await openScout(call);
    const name = flags.operation === undefined ? {} : { operationName: flags.operation };
    const data = await scout.query(document, variables, { ...name, signal });
    if (output.json) return output.value(data);
    await output.line(JSON.stringify(data, undefined, 2));
  },
});
