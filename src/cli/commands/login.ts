import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { printable } from "../format.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {
    username: { about: "User name; asked for on a terminal", value: "USER", short: "u" },
    "password-stdin": { about: "Read the password or access token from standard input" },
    "identity-token-stdin": {
      about: "Read an identity token (OAuth2 refresh token) from standard input",
    },
  },
  persists: true,
  about:
    "Checks the credentials with the registry, then stores them where docker keeps its own: docker's credential helper where one is configured, else config.json.",
  examples: [
    { command: "wharf login", does: "To Docker Hub; asks for user and password" },
    { command: "printenv TOKEN | wharf login ghcr.io -u me --password-stdin", does: "In a script" },
  ],
  async run(call) {
    const { arguments: words, flags, output, config, signal } = call;
    const [{ login }, { parseHost }, { ask, readSecret }] = await Promise.all([
      import("../../auth/login.ts"),
      import("../../reference/hosts.ts"),
      import("../prompt.ts"),
    ]);
    if (flags["password-stdin"] && flags["identity-token-stdin"])
      throw usage("--password-stdin and --identity-token-stdin exclude each other");
    const host = parseHost(words[0] ?? "docker.io");
    const { registry } = host;
    const givenName = flags.username ?? host.username;
    const askName = () => ask(call, `Username for ${registry}: `, { otherwise: "--username NAME" });
    const askPassword = () =>
      ask(call, "Password or access token: ", { secret: true, otherwise: "--password-stdin" });

    let credentials;
    if (flags["identity-token-stdin"]) {
      const token = await readSecret(call);
      credentials = { token, ...(givenName !== undefined && { username: givenName }) };
    } else {
      const username = givenName ?? (await askName());
      const password = flags["password-stdin"]
        ? await readSecret(call)
        : (host.password ?? (await askPassword()));
      credentials = { username, password };
    }
    const { http } = await call.client();
    const url = new URL("v2/", (await call.registry(words[0] ?? "docker.io")).url);
    const result = await login({ registry, http, config, url, ...credentials, signal });
    if (output.json) return output.value(result);
    const whose = result.username === undefined ? "" : ` as ${printable(result.username)}`;
    await output.line(`Signed in to ${result.registry}${whose}`);
    output.note(`The credentials are in ${result.place}`);
    if (!result.checked)
      output.warn(`${result.registry} lets in everybody: the password was not checked`);
    if (result.shadowedBy) output.warn(`${result.shadowedBy} goes before what was stored`);
  },
});
