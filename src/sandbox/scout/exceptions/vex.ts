/**
 * Exceptions that come with an image: statements of OpenVEX that say that it is not affected.
 * Source: OpenVEX specification 0.2, "Statement".
 */
import { isObject } from "../../../reference/fields.ts";
import { predicates, type Statement } from "../sbom/statements.ts";
import { sameOrWider } from "./applying.ts";

/** A vulnerability that an image is said not to have. */
export interface Acquittal {
  readonly cve: string;
  /** Package URLs; empty for all of the image. */
  readonly packages: readonly string[];
}

export function acquittalsIn(statements: readonly Statement[]): Acquittal[] {
  return statements
    .filter(({ predicateType }) => predicateType.startsWith(predicates.vex))
    .flatMap(({ predicate }) => objectsIn(isObject(predicate) ? predicate["statements"] : []))
    .filter(({ status }) => status === "not_affected" || status === "fixed")
    .flatMap(({ vulnerability, products }) => {
      const cve = isObject(vulnerability) ? vulnerability["name"] : vulnerability;
      if (typeof cve !== "string") return [];
      const parts = objectsIn(products).flatMap((product) => {
        const within = objectsIn(product["subcomponents"]);
        return (within.length > 0 ? within : [product]).flatMap((part) => idOf(part) ?? []);
      });
      // The image itself is a product, too: then all that is in it is meant.
      const isWhole = parts.some((id) => /^pkg:(?:docker|oci)\//.test(id));
      return [{ cve, packages: isWhole ? [] : parts }];
    });
}

/** Whether a vulnerability of a package is among them. */
export function isAcquitted(all: readonly Acquittal[], cve: string, purl: string): boolean {
  return all.some(
    (each) =>
      each.cve === cve &&
      (each.packages.length === 0 || each.packages.some((scope) => sameOrWider(scope, purl))),
  );
}

function idOf({ "@id": id, identifiers }: Readonly<Record<string, unknown>>): string | undefined {
  const purl = isObject(identifiers) ? identifiers["purl"] : undefined;
  return typeof purl === "string" ? purl : typeof id === "string" ? id : undefined;
}

function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
