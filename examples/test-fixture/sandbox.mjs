/** A Docker Hub for a test file: what it holds, a client of it, and its end. */
import { createHub } from "wharfinger/hub";
import { startSandbox } from "wharfinger/sandbox";

const seed = {
  accounts: [{ name: "ada", password: "ada-password" }],
  repositories: [{ name: "ada/app", tags: ["1.9.0", "1.10.0", "edge"] }],
};

export async function start() {
  const sandbox = await startSandbox({ seed });
  const credentials = { kind: "secret", identifier: "ada", secret: "ada-password" };
  const hub = createHub({ url: sandbox.hubUrl, credentials, allowDestructive: true });
  const stop = async () => {
    await hub.close();
    await sandbox.close();
  };
  return { sandbox, hub, stop };
}
