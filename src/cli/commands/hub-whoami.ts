import { command } from "../command.ts";

export default command({
  arguments: [],
  flags: {},
  about:
    "Opens a session where that is needed to know. What the token may do follows from where it came from: a personal access token manages repositories and tags, but no tokens, and no organizations.",
  examples: [
    { command: "wharf hub whoami", does: "Who am I to Docker Hub, and how do I sign in?" },
  ],
  async run(call) {
    const { output, signal } = call;
    const [{ openHub, hubCredentials }, { readJwt }] = await Promise.all([
      import("../hub/open.ts"),
      import("../../auth/jwt.ts"),
    ]);
    const credentials = await hubCredentials(call);
    const username = await (await openHub(call)).whoami({ signal });
    const claims = credentials.kind === "jwt" ? readJwt(credentials.token) : undefined;
    const expires =
      typeof claims?.exp === "number" ? new Date(claims.exp * 1000).toISOString() : undefined;
    const origin = "origin" in credentials ? credentials.origin : undefined;
    const kind = { secret: "secret", login: "password", jwt: "session", anonymous: "anonymous" }[
      credentials.kind
    ];
    if (output.json) return output.value({ username, kind, origin, expires });
    if (username === undefined && kind === "anonymous") {
      await output.line("anonymous");
      output.note("Sign in with `wharf hub login`, or set DOCKERHUB_USERNAME and DOCKERHUB_TOKEN.");
      return;
    }
    const more = [origin, expires && `until ${expires}`].filter(Boolean).join(", ");
    await output.line(`${username ?? "a session of somebody"}${more ? ` (${more})` : ""}`);
  },
});
