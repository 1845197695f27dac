import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { eraseFromHelper, getFromHelper, storeInHelper } from "./helper.ts";
import { keepingHelper, makeHome } from "./testing/home.ts";

function failed(pattern: RegExp): (error: unknown) => boolean {
  return (error) => isError(error, "CREDENTIAL_HELPER_FAILED") && pattern.test(error.message);
}

test("what is stored is got, until it is erased", async (t) => {
  const { environment, helper } = await makeHome(t);
  await helper("test", keepingHelper);
  const options = { environment };
  assert.equal(await getFromHelper("test", "r.example", options), undefined);
  const credentials = { kind: "basic", username: "me", password: 'p"w\n' } as const;
  await storeInHelper("test", "r.example", credentials, options);
  const origin = "docker-credential-test";
  assert.deepEqual(await getFromHelper("test", "r.example", options), { ...credentials, origin });
  assert.equal(await eraseFromHelper("test", "r.example", options), true);
  assert.equal(await eraseFromHelper("test", "r.example", options), false);
});

test("the user <token> marks an identity token, both ways", async (t) => {
  const { environment, helper, home } = await makeHome(t);
  await helper("test", keepingHelper);
  await storeInHelper("test", "r.example", { kind: "identity", token: "refresh" }, { environment });
  assert.match(await readFile(join(home, "store.json"), "utf8"), /"Username":"<token>"/);
  assert.deepEqual(await getFromHelper("test", "r.example", { environment }), {
    kind: "identity",
    token: "refresh",
    origin: "docker-credential-test",
  });
});

test("a helper that is not installed is named", async (t) => {
  const { environment } = await makeHome(t);
  await assert.rejects(
    getFromHelper("desktop", "r.example", { environment }),
    failed(/^docker-credential-desktop is not installed$/),
  );
});

test("a helper's complaint is passed on, what may be a secret is not", async (t) => {
  const { environment, helper } = await makeHome(t);
  await helper("locked", 'console.log("keychain is locked"); process.exit(1);');
  await assert.rejects(
    getFromHelper("locked", "r.example", { environment }),
    failed(/get r\.example failed \(1\): keychain is locked$/),
  );
  await helper(
    "odd",
    'console.log(JSON.stringify({ Username: "me", Secret: "s3cret" })); process.exit(2);',
  );
  await assert.rejects(getFromHelper("odd", "r.example", { environment }), failed(/failed \(2\)$/));
  await helper("echo", "console.log(input); process.exit(1);");
  const credentials = { kind: "basic", username: "me", password: "s3cret" } as const;
  await assert.rejects(
    storeInHelper("echo", "r.example", credentials, { environment }),
    failed(/store r\.example failed \(1\)$/),
  );
});

test("an answer that is not JSON, or not credentials, is refused without being quoted", async (t) => {
  const { environment, helper } = await makeHome(t);
  for (const answer of [
    "s3cret",
    "{}",
    "[]",
    '{"Username": "me"}',
    '{"Username":"me","Secret":"s3cret"',
  ]) {
    await helper("odd", `console.log(${JSON.stringify(answer)});`);
    await assert.rejects(getFromHelper("odd", "r.example", { environment }), (error) => {
      assert.ok(failed(/did not answer with JSON/)(error));
      return !JSON.stringify([error, String((error as Error).cause)]).includes("s3cret");
    });
  }
});

test("a helper that never answers, or never stops talking, is ended", async (t) => {
  const { environment, helper } = await makeHome(t);
  await helper("slow", "setInterval(() => {}, 1000);");
  await assert.rejects(
    getFromHelper("slow", "r.example", { environment, timeout: 100 }),
    failed(/did not answer within 0\.1 s/),
  );
  await helper("loud", 'const say = () => process.stdout.write("x".repeat(65536), say); say();');
  await assert.rejects(
    getFromHelper("loud", "r.example", { environment }),
    failed(/more than 256 KiB/),
  );
});

test("a name that leads elsewhere is no name", async (t) => {
  const { environment } = await makeHome(t);
  for (const name of ["../../bin/sh", "a/b", "", "-x", "a b", "a;b", "a\\b"]) {
    await assert.rejects(getFromHelper(name, "r.example", { environment }), (error) =>
      isError(error, "CONFIG_INVALID"),
    );
  }
});
