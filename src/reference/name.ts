/**
 * The grammar of names: repositories and tags.
 * Source: OCI distribution-spec 1.1, "Pulling manifests".
 */
import { WharfError } from "../errors.ts";
import { quoted } from "./digest.ts";

/**
 * Characters of a repository's name. The specification sets no limit, but says that many clients allow 255 for
 * `HOST/NAME`; `parseReference` applies it to both together, as what is longer cannot be pulled by those clients.
 */
export const repositoryLimit = 255;
/** Characters of a tag, by the specification. */
export const tagLimit = 128;

// Each separator ends where an alphanumeric begins, so there is one way only to match: linear time.
const component = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * @returns the name, unchanged
 * @throws WharfError REFERENCE_INVALID
 */
export function checkRepositoryName(name: string): string {
  if (name.length > repositoryLimit)
    throw new WharfError(
      "REFERENCE_INVALID",
      `Repository ${quoted(name)} has ${name.length} characters; at most ${repositoryLimit} are allowed`,
    );
  if (!repositoryPattern.test(name)) throw repositoryError(name);
  return name;
}

/** Whether `text` can be a tag. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/**
 * @returns the tag, unchanged
 * @throws WharfError REFERENCE_INVALID
 */
export function checkTag(tag: string): string {
  if (isTag(tag)) return tag;
  let why = "must be letters, digits, '_', '.' and '-', and not begin with '.' or '-'";
  if (tag === "") why = "is empty";
  else if (tag.length > tagLimit)
    why = `has ${tag.length} characters; at most ${tagLimit} are allowed`;
  throw new WharfError("REFERENCE_INVALID", `Tag ${quoted(tag)} ${why}`);
}

function repositoryError(name: string): WharfError {
  const shown = `Repository ${quoted(name)}`;
  const lower = name.toLowerCase();
  if (lower !== name && repositoryPattern.test(lower))
    return new WharfError("REFERENCE_INVALID", `${shown} must be lower case`, {
      hint: `Did you mean ${quoted(lower)}?`,
    });
  if (name === "") return new WharfError("REFERENCE_INVALID", "The repository is empty");
  const parts = name.split("/");
  if (parts.includes(""))
    return new WharfError(
      "REFERENCE_INVALID",
      `${shown} has an empty part: a '/' at an end, or two in a row`,
    );
  const bad = parts.find((part) => !repositoryPattern.test(part)) ?? name;
  const stranger = /[^a-z0-9._/-]/u.exec(bad)?.[0];
  const why =
    stranger === undefined
      ? `its part ${quoted(bad)} must begin and end with a letter or digit, with one '.', one or two '_' or some '-' between`
      : `${quoted(stranger)} is not allowed in it`;
  return new WharfError("REFERENCE_INVALID", `${shown} is not valid: ${why}`);
}
