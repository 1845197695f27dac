import { command } from "../command.ts";

export default command({
  arguments: [{ name: "API", about: "hub: Docker Hub", choices: ["hub"] }],
  flags: {
    current: { about: "Only what is in Docker's own description" },
  },
  about:
    "OpenAPI 3.1, for generators, validators and documentation. Each operation says how sure it is (x-status) and what it does to the world (x-effect).",
  examples: [{ command: "wharf openapi hub > hub.json", does: "All operations of Docker Hub" }],
  async run({ flags, output }) {
    const [catalogue, { openApi }, { version }] = await Promise.all([
      import("../../hub/catalogue.ts"),
      import("../../openapi/openapi.ts"),
      import("../../http/version.ts"),
    ]);
    await output.value(
      openApi(catalogue, {
        title: "Docker Hub",
        version: version(),
        server: "https://hub.docker.com",
        ...(flags.current && {
          includes: ({ operation }) => (operation.status ?? "current") === "current",
        }),
      }),
    );
  },
});
