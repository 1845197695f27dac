import { command } from "../command.ts";

export default command({
  arguments: [],
  flags: {},
  persists: true,
  about: "Forgets the session that `wharf hub login` opened. `wharf logout` is for the registry.",
  examples: [{ command: "wharf hub logout", does: "On a machine that others use too" }],
  async run(call) {
    const { output } = call;
    const [{ hubSessions }, { openHub }] = await Promise.all([
      import("../../hub/client/sessionFile.ts"),
      import("../hub/open.ts"),
    ]);
    const { url } = await openHub(call);
    const forgotten = hubSessions().forget(url);
    if (output.json) return output.value({ forgotten });
    await output.line(forgotten ? "Signed out of Docker Hub" : "Nobody was signed in");
  },
});
