import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { printable } from "../format.ts";

export default command({
  arguments: [],
  flags: {
    username: { about: "Docker ID; asked for on a terminal", value: "USER", short: "u" },
    "password-stdin": { about: "Read the password from standard input" },
    code: { about: "The code of the authenticator, where one is wanted", value: "CODE" },
  },
  persists: true,
  about:
    "Opens a session with a password, and a second factor where the account has one. What a personal access token is refused, such as managing tokens and organizations, it may do. The session's token is kept in a file for you alone until it ends; the password is not kept. For pulling and pushing use `wharf login`.",
  examples: [
    { command: "wharf hub login", does: "Asks for user, password and code" },
    {
      command: "pass show hub | wharf hub login -u me --password-stdin",
      does: "In a script, without a second factor",
    },
  ],
  async run(call) {
    const { flags, output, signal } = call;
    const [{ ask, readSecret }, { openHubAs }, { hubSessions }, { jwtExpiry }] = await Promise.all([
      import("../prompt.ts"),
      import("../hub/open.ts"),
      import("../../hub/client/sessionFile.ts"),
      import("../../auth/jwt.ts"),
    ]);
    const username =
      flags.username ?? (await ask(call, "Docker ID: ", { otherwise: "--username USER" }));
    const password = flags["password-stdin"]
      ? await readSecret(call)
      : await ask(call, "Password: ", { secret: true, otherwise: "--password-stdin" });
    if (username.trim() === "" || password === "")
      throw usage("User and password must not be empty");
    const code = () =>
      flags.code ?? ask(call, "Code of your authenticator: ", { otherwise: "--code CODE" });
    const hub = await openHubAs(call, { kind: "login", username, password, code });
    const token = await hub.token({ signal });
    const end = token === undefined ? undefined : jwtExpiry(token);
    const path = await hubSessions().keep(hub.url, { username, token: token!, end });
    const until = end === undefined ? undefined : new Date(end).toISOString();
    if (output.json) return output.value({ username, until, path });
    await output.line(`Signed in to Docker Hub as ${printable(username)}`);
    output.note(`The session${until ? ` lasts until ${until}; it` : ""} is in ${path}`);
  },
});
