/** What a GraphQL document would do, without knowing the schema. Source: GraphQL specification, sections 2.1 and 2.2. */
import { WharfError } from "../../errors.ts";

/** No document that a person writes is longer, in characters. */
const documentLimit = 1024 * 1024;

const token = new RegExp(
  [
    String.raw`[\s,\ufeff]+`,
    String.raw`#[^\n\r]*`,
    String.raw`"""(?:\\"""|(?!""")[^])*"""`,
    String.raw`"(?:\\.|[^"\\\n\r])*"`,
    String.raw`(?<open>[{([])`,
    String.raw`(?<close>[})\]])`,
    String.raw`(?<name>[_A-Za-z][_0-9A-Za-z]*)`,
    String.raw`\.\.\.|-?[0-9][0-9.eE+-]*|[!$&:=@|]`,
  ].join("|"),
  "y",
);

/**
 * The kinds of operations in a document, in order: `query`, `mutation`, `subscription`.
 * @throws WharfError INPUT_INVALID for what is no document: what cannot be read could do anything
 */
export function operationsIn(document: string): string[] {
  if (document.length > documentLimit) throw unreadable("it is too long");
  const found: string[] = [];
  let depth = 0;
  // A definition begins after the closing brace of the one before.
  let begins = true;
  token.lastIndex = 0;
  for (let at = 0; at < document.length; at = token.lastIndex) {
    const match = token.exec(document);
    if (match === null) throw unreadable(`character ${at + 1} is not understood`);
    const { open, close, name } = match.groups ?? {};
    if (open !== undefined) {
      if (begins) {
        if (open !== "{") throw unreadable(`'${open}' begins no definition`);
        found.push("query");
        begins = false;
      }
      depth += 1;
    } else if (close !== undefined) {
      depth -= 1;
      if (depth < 0) throw unreadable(`'${close}' closes nothing`);
      if (depth === 0 && close === "}") begins = true;
    } else if (name !== undefined && begins) {
      if (name !== "fragment") found.push(kindOf(name));
      begins = false;
    }
  }
  if (depth > 0 || !begins) throw unreadable("its end is missing");
  if (found.length === 0) throw unreadable("there is no operation in it");
  return found;
}

function kindOf(name: string): string {
  if (name === "query" || name === "mutation" || name === "subscription") return name;
  throw unreadable(`'${name}' begins no operation`);
}

function unreadable(why: string): WharfError {
  return new WharfError("INPUT_INVALID", `This is no GraphQL document: ${why}`, {
    hint: "Write for example: query { serviceStatus { maintenance { title } } }",
  });
}
