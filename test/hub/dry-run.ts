/** An operation by the words of a command line, with --dry-run: the request is that of its fixture. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { globalFlags, parseWords } from "../../src/cli/flags.ts";
import { openCall } from "../../src/cli/call.ts";
import { commandOf } from "../../src/cli/hub/commands.ts";
import type { Outline } from "../../src/cli/hub/outline.ts";
import { spellingOf } from "../../src/cli/hub/words.ts";
import type { Fixture } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "wharf-hub-words-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Calls it with the words for a fixture's input, and compares what it would send. */
export async function dryRun(outline: Outline, fixture: Fixture | undefined): Promise<void> {
  assert(fixture, `${outline.id} has no fixture`);
  const command = commandOf(outline);
  const words = [...wordsFor(outline, fixture.input as Record<string, unknown>), "--dry-run"];
  const { positionals, values } = parseWords(words, { ...globalFlags, ...command.flags });
  const call = openCall({
    positionals,
    values,
    globals: { ...values, json: true, "plain-http": [], insecure: [], credentials: [] },
    signal: new AbortController().signal,
  });
  let printed = "";
  call.output.write = async (text) => void (printed += String(text));
  await command.run(call as never);
  await call.close();
  const request = JSON.parse(printed) as Record<string, unknown>;
  const { method, body } = fixture.request;
  const path = hiddenIn(fixture.request.path, outline, fixture.input as Record<string, unknown>);
  assert.equal(`${String(request["method"])} ${String(request["path"])}`, `${method} ${path}`);
  if (!Buffer.isBuffer(body)) assert.deepEqual(request["body"], hidden(outline, body));
}

/** The words that say an input. */
function wordsFor(outline: Outline, input: Record<string, unknown>): string[] {
  const { positional, flags } = spellingOf(outline);
  const words = positional.map((fields) => fields.map(({ name }) => String(input[name])).join("/"));
  const alone = new Set(positional.flat().map(({ name }) => name));
  for (const { name, type } of outline.fields) {
    const value = input[name];
    if (value === undefined || alone.has(name)) continue;
    const flag = Object.keys(flags).find(
      (each) =>
        each.replace(/^api-/, "").replaceAll("-", "") === name.replaceAll("_", "").toLowerCase(),
    );
    assert(flag, `${name} has no flag`);
    if (type === "texts") for (const each of value as string[]) words.push(`--${flag}`, each);
    else if (type === "secret") words.push(`--${flag}`, `@${inFile(String(value))}`);
    else if (type === "bytes") words.push(`--${flag}`, inFile(value as Buffer));
    else if (type === "json") words.push(`--${flag}`, JSON.stringify(value));
    else if (value === null) words.push("--body", JSON.stringify({ [name]: null }));
    else words.push(`--${flag}`, String(value));
  }
  return words;
}

let files = 0;
function inFile(content: string | Buffer): string {
  const path = join(folder, `value-${(files += 1)}`);
  writeFileSync(path, content);
  assert.deepEqual(readFileSync(path), Buffer.from(content));
  return path;
}

function hiddenIn(path: string, { fields }: Outline, input: Record<string, unknown>): string {
  const secrets = fields.filter(({ type }) => type === "secret").map(({ name }) => input[name]);
  return secrets.reduce<string>((hidden, secret) => hidden.replaceAll(String(secret), "***"), path);
}

/** A printed request hides what is secret in it. */
function hidden({ fields }: Outline, body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const secret = new Set(fields.filter(({ type }) => type === "secret").map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, secret.has(name) ? "***" : value]),
  );
}
