/** Every operation of Docker Scout, called; every document, checked against the schema, with what its fixture says. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { buildSchema, execute, parse, validate, validateSchema } from "graphql";

import { entries } from "../../src/operation.ts";
import { schemaText } from "../../src/sandbox/scout/schema/schema.ts";
import * as catalogue from "../../src/scout/catalogue.ts";
import { createScout, type Scout } from "../../src/scout/client.ts";
import type { Fixture } from "../hub/fixture.ts";
import fixtures from "./fixtures.ts";

const schema = buildSchema(schemaText);

describe("every operation of Docker Scout", () => {
  let current: Fixture["answer"] = { status: 500 };
  let arrived: { line: string; authorization: string | undefined; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    arrived.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body: text === "" ? undefined : JSON.parse(text),
    });
    const { status, body, headers } = current;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  let withJwt: Scout;
  let withToken: Scout;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { url, scoutUrl: url, environment: {} };
    withJwt = createScout({ ...options, credentials: { kind: "jwt", token: "a.jwt.here" } });
    withToken = createScout({
      ...options,
      credentials: { kind: "secret", identifier: "jon", secret: "dckr_pat_x" },
    });
  });
  after(async () => {
    await withJwt.close();
    await withToken.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  for (const { id, verb, operation } of entries(catalogue))
    test(id, async () => {
      const fixture = fixtures[verb];
      assert(fixture, `${id} has no fixture`);
      current = fixture.answer;
      arrived = [];
      const scout = operation.auth === "token" ? withToken : withJwt;
      const call = scout[verb as "imageDetails"] as (input: object) => Promise<unknown>;
      const output = await call(fixture.input);
      const [request, ...more] = arrived;
      assert(request && more.length === 0, `${arrived.length} requests in place of one`);
      assert.equal(request.line, `${fixture.request.method} ${fixture.request.path}`);
      assert.deepEqual(request.body, fixture.request.body);
      const secret = operation.auth === "token" ? "dckr_pat_x" : "a.jwt.here";
      assert.equal(request.authorization, `Bearer ${secret}`);
      assert.deepEqual(output, "output" in fixture ? fixture.output : fixture.answer.body);
    });
});

test("the schema is one", () => {
  assert.deepEqual(validateSchema(schema), []);
});

describe("the document of", () => {
  for (const { id, verb, operation } of entries(catalogue)) {
    if (operation.run === undefined) continue;
    const { document } = operation as unknown as { document: string };
    const fixture = fixtures[verb];

    test(`${id} is valid`, () => {
      assert.deepEqual(
        validate(schema, parse(document)).map(({ message }) => message),
        [],
      );
    });

    test(`${id} accepts the variables of its fixture, and gives all that the fixture has, no more`, async () => {
      assert(fixture);
      const { data } = fixture.answer.body as { data: object };
      const { variables } = fixture.request.body as { variables: Record<string, unknown> };
      const result = await execute({
        schema,
        document: parse(document),
        rootValue: data,
        variableValues: variables,
        // What a fixture answers is under the name that the document gave it.
        fieldResolver: (source: Record<string, unknown>, _, __, { fieldName, path }) =>
          source[String(path.key)] ?? source[fieldName],
      });
      assert.deepEqual(result.errors, undefined);
      assert.deepEqual(JSON.parse(JSON.stringify(result.data)), data);
    });
  }
});
