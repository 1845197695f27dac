/**
 * Exceptions that come with an image: statements of OpenVEX that say that it is not affected.
 * Source: OpenVEX specification 0.2, "Statement".
 */
import { isObject, type JsonObject } from "../../../reference/fields.ts";
import { objectOf, objectsOf } from "../../lenient.ts";
import { predicates, type Statement } from "../sbom/statements.ts";
import { grouped } from "../grouped.ts";
import { packageSet } from "./packages.ts";

/** Tells of a vulnerability of a package whether the image is said not to have it. */
export function acquittedIn(
  statements: readonly Statement[],
): (cve: string, purl: string) => boolean {
  const sets = new Map(
    [...grouped(acquittalsIn(statements), ({ cve }) => cve)].map(([cve, acquittals]) => [
      cve,
      packageSet(acquittals.map(({ packages }) => packages)),
    ]),
  );
  return (cve, purl) => sets.get(cve)?.(purl) ?? false;
}

function acquittalsIn(statements: readonly Statement[]) {
  return statements
    .filter(({ predicateType }) => predicateType.startsWith(predicates.vex))
    .flatMap(({ predicate }) => objectsOf(objectOf(predicate)["statements"]))
    .filter(({ status }) => status === "not_affected" || status === "fixed")
    .flatMap(({ vulnerability, products }) => {
      const cve = isObject(vulnerability) ? vulnerability["name"] : vulnerability;
      if (typeof cve !== "string") return [];
      const parts = objectsOf(products).flatMap((product) => {
        const within = objectsOf(product["subcomponents"]);
        return (within.length > 0 ? within : [product]).flatMap((part) => idOf(part) ?? []);
      });
      // The image itself is a product, too: then all that is in it is meant, as where none is named.
      const isWhole = parts.length === 0 || parts.some((id) => /^pkg:(?:docker|oci)\//.test(id));
      return [{ cve, packages: isWhole ? null : parts }];
    });
}

function idOf({ "@id": id, identifiers }: JsonObject): string | undefined {
  const { purl } = objectOf(identifiers);
  return typeof purl === "string" ? purl : typeof id === "string" ? id : undefined;
}
