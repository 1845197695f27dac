import { command } from "../command.ts";
import { usage } from "../flags.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {
    username: { about: "User name; asked for on a terminal", value: "USER", short: "u" },
    "password-stdin": { about: "Read the password or access token from standard input" },
    "identity-token-stdin": {
      about: "Read an identity token (OAuth2 refresh token) from standard input",
    },
  },
  about:
    "Checks the credentials with the registry, then stores them where docker keeps its own: docker's credential helper where one is configured, else config.json.",
  examples: [
    { command: "wharf login", does: "To Docker Hub; asks for user and password" },
    { command: 'echo "$TOKEN" | wharf login ghcr.io -u me --password-stdin', does: "In a script" },
  ],
  async run(call) {
    const { arguments: words, flags, output, config } = call;
    const [{ login }, { parseHost }, { ask, readSecret }] = await Promise.all([
      import("../../auth/login.ts"),
      import("../../reference/hosts.ts"),
      import("../prompt.ts"),
    ]);
    if (flags["password-stdin"] && flags["identity-token-stdin"])
      throw usage("--password-stdin and --identity-token-stdin exclude each other");
    const host = parseHost(words[0] ?? "docker.io");
    const { http } = await call.client();
    const url = (await call.registry(words[0] ?? "docker.io")).url;
    const place = { registry: host.registry, http, config, url };

    let result;
    if (flags["identity-token-stdin"]) {
      const token = await readSecret(call.stdin);
      result = await login({
        ...place,
        token,
        ...(flags.username ? { username: flags.username } : {}),
      });
    } else {
      const username =
        flags.username ?? host.username ?? (await ask(call, `Username for ${host.registry}: `));
      const password = flags["password-stdin"]
        ? await readSecret(call.stdin)
        : (host.password ?? (await ask(call, "Password or access token: ", { secret: true })));
      result = await login({ ...place, username, password });
    }
    if (output.json) return output.value(result);
    await output.line(
      `Signed in to ${result.registry}${result.username ? ` as ${result.username}` : ""}`,
    );
    output.note(`The credentials are in ${result.place}`);
    if (!result.checked)
      output.warn(`${result.registry} lets in everybody: the password was not checked`);
    if (result.shadowedBy) output.warn(`${result.shadowedBy} goes before what was stored`);
  },
});
