/** Runs an operation of Docker Hub or Docker Scout as a command. */
import type { Prepared } from "../../hub/client/request.ts";
import { isError, WharfError } from "../../errors.ts";
import { hideSecrets } from "../../http/redact.ts";
import { effectOf } from "../../operation.ts";
import type { Call } from "../call.ts";
import { usage, wholeNumber } from "../flags.ts";
import { confirm } from "../prompt.ts";
import { nameOf } from "./commands.ts";
import type { Field, Outline } from "./outline.ts";
import { printItem, printTable, project, withoutSecrets } from "./print.ts";
import { askSecret, readBody, readDeferred } from "./read.ts";
import { type Surface, surfaceOf } from "./surface.ts";
import { type Deferred, flagName, inputOf, type Spelling } from "./words.ts";
import { withNew, writeNew } from "./write.ts";

interface Flags {
  readonly all?: boolean;
  readonly limit?: string;
  readonly body?: string;
  readonly fields?: string;
  readonly "dry-run"?: boolean;
  readonly yes?: boolean;
  readonly "show-secret"?: boolean;
  readonly "secret-file"?: string;
  readonly output?: string;
}

/** Returns the exit status where it is not 0. */
export async function runOperation(
  call: Call,
  outline: Outline,
  spelling: Spelling,
): Promise<number | void> {
  const flags = call.flags as Flags;
  const [area = "", verb = ""] = outline.id.split(".");
  const surface = await surfaceOf(area);
  const { checkInput } = await import("../../hub/client/input.ts");
  const operation = surface.operation(verb);
  const names: Record<string, string> = {};
  const given = await readInput(call, outline, spelling, {
    flags,
    numberOf: async ({ field, word }, input) => {
      names[field.name] = word;
      return numberOfTeam(call, surface, { input, word, sends: flags["dry-run"] !== true });
    },
  });
  const input = checkInput(outline.id, operation, given);

  if (flags["dry-run"]) return printRequest(call, surface.prepare(operation, input), outline);
  const secretTo = secretTarget(outline, flags);
  if (effectOf(operation, input) === "destroy") {
    const { isAllowed } = await import("../../hub/client/guard.ts");
    const shown = withoutSecrets(input, secretFields(outline)) as typeof input;
    const subject = subjectOf({ ...shown, ...names });
    const question = `${outline.summary.replace(/\.$/, "")}: ${subject}?`;
    await confirm(call, question, flags.yes === true || isAllowed(process.env));
  }

  const run = await surface.open(call, verb);
  const fields = flags.fields?.split(",").map((field) => field.trim());
  const options = { signal: call.signal };

  if (outline.list && (flags.all || flags.limit !== undefined)) {
    const limit =
      flags.limit === undefined ? {} : { limit: wholeNumber("limit", flags.limit, { from: 1 }) };
    return printAll(call, outline, run(input, { ...options, ...limit }), fields);
  }
  const list = operation.paging?.items;
  const printing = { flags, secretTo, list, ...(fields && { fields }) };
  if (typeof secretTo !== "object")
    return printResult(call, outline, await run(input, options), printing);
  return withNew(secretTo.file, 0o600, async (write) => {
    const result = await run(input, options);
    try {
      await write(`${secretOf(outline, result)}\n`);
    } catch (error) {
      const shown = flags["show-secret"] === true;
      // All of it: --fields may leave out the secret.
      await printResult(call, outline, result, {
        flags,
        list,
        secretTo: shown ? "shown" : secretTo,
      });
      throw isError(error) ? unkept(error, result, shown) : error;
    }
    return printResult(call, outline, result, printing);
  });
}

/** What to do about a secret that has no place by now, although it was made. */
function unkept(error: WharfError, result: unknown, shown: boolean): WharfError {
  const { uuid, id = uuid } = result as Readonly<Record<string, unknown>>;
  const hint = shown
    ? "The secret is in the answer that was printed, and nowhere else: keep it."
    : id === undefined
      ? "The secret is lost: ask for another."
      : `The secret is lost: delete what has the id ${String(id)}, and create it again.`;
  return new WharfError(error.code, error.message, { ...error.details, hint });
}

interface Reading {
  readonly flags: Flags;
  /** The number of what a word names. */
  numberOf(named: Deferred, input: Readonly<Record<string, unknown>>): Promise<unknown>;
}

async function readInput(
  call: Call,
  outline: Outline,
  spelling: Spelling,
  { flags, numberOf }: Reading,
): Promise<Record<string, unknown>> {
  const words = inputOf(spelling, outline.fields, call.arguments, call.flags as never);
  const body = flags.body === undefined ? {} : await readBody(call, flags.body);
  const input = { ...body, ...words.input };
  for (const deferred of words.deferred)
    input[deferred.field.name] = deferred.named
      ? await numberOf(deferred, input)
      : await readDeferred(call, deferred);
  for (const field of outline.fields) {
    if (!field.required || input[field.name] !== undefined) continue;
    if (field.type === "secret") input[field.name] = await askSecret(call, field);
    else if (flags.body === undefined) throw missing(outline, field);
  }
  return input;
}

function missing(outline: Outline, field: Field): WharfError {
  const command = `wharf ${nameOf(outline)}`;
  return usage(`${command} needs --${flagName(field)}`, `See ${command} --help`);
}

interface Named {
  readonly input: Readonly<Record<string, unknown>>;
  readonly word: string;
  readonly sends: boolean;
}

/** @throws WharfError USAGE where nothing may be sent; NOT_FOUND */
async function numberOfTeam(
  call: Call,
  surface: Surface,
  { input, word, sends }: Named,
): Promise<unknown> {
  const org_name = input["namespace"];
  if (!sends)
    throw usage(
      `--dry-run sends nothing, and does not ask which number the team '${word}' has`,
      `Give its number: \`wharf hub groups list ${String(org_name)}\` shows it.`,
    );
  const get = await surface.open(call, "get", "groups");
  const team = await get({ org_name, group_name: word }, { signal: call.signal });
  return (team as { readonly id?: unknown }).id;
}

/** Where a secret that is told once goes; who says nothing would lose it. */
function secretTarget(outline: Outline, flags: Flags): "shown" | { file: string } | undefined {
  if (outline.secrets === undefined) return undefined;
  const file = flags["secret-file"];
  if (file !== undefined) return { file };
  if (flags["show-secret"]) return "shown";
  if (outline.effect !== "create") return undefined;
  throw usage(
    "The secret is told only once: say where it goes",
    "--secret-file FILE writes it to a new file, --show-secret prints it.",
  );
}

async function printRequest(
  { output }: Call,
  { method, path: address, headers, body, secrets }: Prepared,
  outline: Outline,
): Promise<void> {
  const path = hideSecrets(address, secrets);
  const shown = withoutSecrets(body, secretFields(outline));
  const bytes = body instanceof Uint8Array;
  if (output.json)
    return output.value({
      method,
      path,
      headers,
      ...(!bytes && body !== undefined && { body: shown }),
    });
  await output.line(`${method} ${path}`);
  for (const [name, value] of Object.entries(headers)) await output.line(`${name}: ${value}`);
  if (body === undefined) return;
  await output.line("");
  await output.line(bytes ? `(${body.byteLength} bytes)` : JSON.stringify(shown, undefined, 2));
}

const secretFields = ({ fields }: Outline): string[] =>
  fields.filter(({ type }) => type === "secret").map(({ name }) => name);

/** Every item as it comes with --json; as a table of pages, so that a long list is not held back, without. */
async function printAll(
  call: Call,
  outline: Outline,
  items: AsyncIterable<unknown>,
  fields: readonly string[] | undefined,
): Promise<void> {
  const { output } = call;
  let rows: unknown[] = [];
  let found = 0;
  for await (const item of items) {
    found += 1;
    const shown = withoutSecrets(item, outline.secrets);
    if (output.json) await output.item(project(shown, fields));
    else rows.push(shown);
    if (rows.length >= 1000) {
      await printTable(call, outline, rows, fields ? { fields } : {});
      rows = [];
    }
  }
  if (rows.length > 0) await printTable(call, outline, rows, fields ? { fields } : {});
  if (found === 0) output.note("Nothing was found");
}

interface Printing {
  readonly flags: Flags;
  readonly fields?: readonly string[];
  /** The field of a page that holds its items. */
  readonly list: string | undefined;
  readonly secretTo: ReturnType<typeof secretTarget>;
}

async function printResult(
  call: Call,
  outline: Outline,
  result: unknown,
  { flags, fields, list, secretTo }: Printing,
): Promise<number | void> {
  const { output } = call;
  const shown = fields ? { fields } : {};
  switch (outline.answer) {
    case "nothing":
      return output.json ? output.value({}) : output.note("Done");
    case "found":
      if (output.json) await output.value({ found: result });
      else await output.line(result === true ? "yes" : "no");
      return result === true ? 0 : 4;
    case "text":
    case "bytes":
      return writeOut(call, result as string | Uint8Array, flags.output);
    default:
  }
  const value = secretTo === "shown" ? result : withoutSecrets(result, outline.secrets);
  if (output.json) return output.value(project(value, fields));
  const rows = rowsOf(outline, value, list) ?? (fields ? undefined : onlyList(value));
  if (rows === undefined) return printItem(call, value, shown);
  const { items, total } = rows;
  if (items.length === 0) return output.note("Nothing was found");
  if (items.every((item) => typeof item !== "object")) return printItem(call, items, {});
  await printTable(call, outline, items, shown);
  if (total !== undefined && total > items.length)
    output.note(`${items.length} of ${total}; --all or --limit N shows more`);
}

/** Fields that hold what a table is made of, where the answer is no list by itself. */
const rowFields = ["items", "packages", "policies", "repos", "mirroredRepositories"];

interface Rows {
  readonly items: readonly unknown[];
  /** How many there are on all pages. */
  readonly total?: number;
}

/** The rows of a table, or undefined for what is one thing. */
function rowsOf(
  { id, list }: Outline,
  value: unknown,
  named: string | undefined,
): Rows | undefined {
  if (Array.isArray(value)) return { items: value };
  if (typeof value !== "object" || value === null) return undefined;
  const page = value as Readonly<Record<string, unknown>>;
  const lists = list ? Object.keys(page) : id.startsWith("scout.") ? rowFields : [];
  // A page of SCIM has a list of schemas before that of its items.
  const items = [named ?? "", ...lists].map((field) => page[field]).find(Array.isArray);
  if (items === undefined) return list ? { items: [] } : undefined;
  const paging = page["paging"] as Readonly<Record<string, unknown>> | undefined;
  const total = page["count"] ?? page["total"] ?? page["totalResults"] ?? paging?.["totalCount"];
  return { items, ...(list && typeof total === "number" && { total }) };
}

/** What has a list and nothing else is that list. */
function onlyList(value: unknown): Rows | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const [items, ...others] = Object.values(value);
  return Array.isArray(items) && others.length === 0 ? { items } : undefined;
}

async function writeOut({ output }: Call, data: string | Uint8Array, path?: string): Promise<void> {
  if (path === undefined) {
    if (typeof data !== "string" && output.stdout.isTTY)
      throw usage("Bytes would garble the terminal", "Name a file: --output FILE.");
    return output.write(data);
  }
  await writeNew(path, data, 0o666);
  output.note(`Written to ${path}`);
}

function secretOf({ secrets = [] }: Outline, result: unknown): string {
  const answer = result as Readonly<Record<string, unknown>>;
  return String(secrets.map((name) => answer[name]).find((each) => typeof each === "string") ?? "");
}

/** What is about to be changed, in the words that the person used. */
function subjectOf(input: Readonly<Record<string, unknown>>): string {
  const { namespace, repository, ...rest } = input;
  const name = [namespace, repository].filter(Boolean).join("/");
  const others = Object.entries(rest).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  return [name, ...others].filter(Boolean).join(", ");
}
