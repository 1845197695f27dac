/** Attributes of users in a directory, by the names that filters, orders and selections have for them. */
import { isObject } from "../../../reference/fields.ts";

export const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";

/** What a plural attribute is compared by where nothing more is said. */
const preset: Readonly<Record<string, string>> = { emails: "value", groups: "value" };

const names = `id userName displayName active name.givenName name.familyName
  emails emails.value emails.display emails.primary groups groups.value groups.display
  meta.resourceType meta.created meta.lastModified`;
const attributes = new Set(names.toLowerCase().split(/\s+/));

export function isAttribute(name: string): boolean {
  return attributes.has(bare(name));
}

/** What an attribute is in an item: nothing, a value, or several. */
export function valuesOf(item: object, attribute: string): unknown[] {
  const [first = "", second = preset[first]] = bare(attribute).split(".");
  const value = fieldOf(item, first);
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  return values
    .map((each) =>
      second === undefined ? each : isObject(each) ? fieldOf(each, second) : undefined,
    )
    .filter((each) => each !== undefined && each !== null);
}

/** An item with these attributes only, and with those that are always there. @param wanted joined by commas */
export function select<Item extends object>(item: Item, wanted: string | undefined): Item {
  const names = (wanted ?? "").split(",").map(bare).filter(Boolean);
  if (names.length === 0) return item;
  const chosen = Object.entries(item).flatMap(([field, value]): [string, unknown][] => {
    const name = field.toLowerCase();
    if (name === "id" || name === "schemas" || names.includes(name)) return [[field, value]];
    const within = names.filter((each) => each.startsWith(`${name}.`));
    if (within.length === 0) return [];
    const narrow = (whole: object) =>
      Object.fromEntries(
        Object.entries(whole).filter(([inner]) =>
          within.includes(`${name}.${inner.toLowerCase()}`),
        ),
      );
    const whole: unknown = value;
    if (Array.isArray(whole)) return [[field, whole.map((each: object) => narrow(each))]];
    return isObject(whole) ? [[field, narrow(whole)]] : [];
  });
  return Object.fromEntries(chosen) as Item;
}

/** Without the schema, in lower case: names are the same in capitals. */
function bare(name: string): string {
  const text = name.trim().toLowerCase();
  const prefix = `${userSchema.toLowerCase()}:`;
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function fieldOf(item: object, name: string): unknown {
  return Object.entries(item).find(([field]) => field.toLowerCase() === name)?.[1];
}
