import assert from "node:assert/strict";
import { test } from "node:test";

import { whatToTry } from "./sandboxing.ts";

test("what to try fits a terminal of 80 columns", () => {
  const url = "http://127.0.0.1:54321";
  const running = {
    urls: { registry: url, auth: url, hub: `${url}/hub`, scout: url, control: `${url}/_sandbox` },
    hubUrl: `${url}/hub`,
    host: "127.0.0.1:54321",
    accounts: [{ name: "alice", password: "alice-password", about: "owns harbour" }],
  };
  for (const config of [undefined, ".wharf/sandbox.yaml"]) {
    const text = whatToTry(running, { ours: true, config, environment: { npm_execpath: "npm" } });
    for (const line of text.split("\n")) assert(line.length <= 80, line);
  }
});
