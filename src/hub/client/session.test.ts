import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describe, test } from "node:test";
import { WharfError } from "../../errors.ts";
import { Session, type SignIn } from "./session.ts";

const secret = { kind: "secret", identifier: "me", secret: "the secret" } as const;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A session whose service gives tokens with these claims, at a time that the test sets. */
function opened(claims: (number: number) => object) {
  const clock = { now: 1_800_000_000_000 };
  let logins = 0;
  const signIn: SignIn = {
    createToken: async () => `${part({})}.${part(claims((logins += 1)))}.${logins}`,
    login: () => assert.fail(),
    loginTwoFactor: () => assert.fail(),
  };
  const session = new Session(
    async () => secret,
    signIn,
    () => clock.now,
  );
  return { session, clock, logins: () => logins };
}

/** One sign-in for several calls, one after another. */
async function calls(session: Session, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) await session.token();
}

describe("a session", () => {
  const seconds = 1_800_000_000;
  for (const [what, claims] of [
    ["a clock that is hours ahead", { iat: seconds - 9000, exp: seconds - 8400 }],
    ["a clock that is hours ahead, of a token without iat", { exp: seconds - 8400 }],
    ["a clock that is hours behind", { iat: seconds + 9000, exp: seconds + 9600 }],
    ["tokens that live for seconds", { iat: seconds, exp: seconds + 4 }],
    ["tokens that say nothing", {}],
    ["tokens that say nonsense", { iat: "x", exp: "y" }],
  ] as const)
    test(`${what}: many calls are one sign-in`, async () => {
      const { session, logins } = opened(() => claims);
      await calls(session, 20);
      assert.equal(logins(), 1);
    });

  test("is renewed by the life of its token, however wrong the clock", async () => {
    const { session, clock, logins } = opened(() => ({ iat: 5000, exp: 5600 }));
    await session.token();
    clock.now += 530_000;
    await session.token();
    assert.equal(logins(), 1);
    clock.now += 20_000;
    await session.token();
    assert.equal(logins(), 2);
  });

  test("whose renewed token is refused as well signs in no more for a while", async () => {
    const { session, clock, logins } = opened(() => ({ iat: seconds, exp: seconds + 600 }));
    const refused = async () => {
      const token = await session.token();
      if (!(await session.renewable(token!))) return;
      await session.token();
      session.renewedInVain();
    };
    for (let number = 0; number < 20; number += 1) await refused();
    assert.equal(logins(), 2);
    clock.now += 120_000;
    await refused();
    assert.equal(logins(), 3);
  });

  test("tells a refusal without the secret, its cause included", async () => {
    const signIn = {
      createToken: async () => {
        throw new WharfError("UNAUTHORIZED", "wrong: the secret", { status: 401 });
      },
    } as unknown as SignIn;
    const session = new Session(async () => ({ ...secret, origin: "a file" }), signIn);
    await assert.rejects(session.token(), (error) => {
      assert.match(inspect(error), /credentials: a file/);
      assert.doesNotMatch(inspect(error), /the secret/);
      return true;
    });
  });
});
