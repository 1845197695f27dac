/** Bills of materials: SPDX 2.3 in JSON, which BuildKit attests, and CycloneDX in JSON. */
import { isObject, type JsonObject } from "../../../reference/fields.ts";
import { objectOf, objectsOf, textOf } from "../../lenient.ts";
import type { FoundPackage } from "./package.ts";
import { parsePurl } from "./purl.ts";

/** Packages of a document; no image has more. */
const packageLimit = 50_000;

/** The packages that a document lists; undefined for what is no bill of materials. Packages without a URL are left out. */
export function packagesIn(document: unknown): FoundPackage[] | undefined {
  if (!isObject(document)) return undefined;
  if (typeof document["spdxVersion"] === "string") return ofSpdx(document);
  if (document["bomFormat"] === "CycloneDX") return ofCycloneDx(document);
  return undefined;
}

/** Source: SPDX 2.3, sections 7 (packages), 8 (files) and 11 (relationships). */
function ofSpdx(document: JsonObject): FoundPackage[] {
  const places = placesOf(document);
  // An id is that of one package; whoever gives it to thousands does not get the places as often.
  const placesFor = (id: string) => {
    const found = places.get(id) ?? [];
    places.delete(id);
    return found;
  };
  const packages = objectsOf(document["packages"]).map((entry) => {
    const references = objectsOf(entry["externalRefs"]);
    const purl = references.find(({ referenceType }) => referenceType === "purl");
    return packageOf(textOf(purl?.["referenceLocator"]), {
      version: textOf(entry["versionInfo"]),
      description: textOf(entry["description"]),
      author: personOf(textOf(entry["originator"]) ?? textOf(entry["supplier"])),
      licenses: licensesOf(textOf(entry["licenseDeclared"]) ?? textOf(entry["licenseConcluded"])),
      locations: placesFor(textOf(entry["SPDXID"]) ?? ""),
    });
  });
  return eachOnce(packages);
}

/** The files in which a package was found, by its id. The scanner writes a file's layer into its comment. */
function placesOf(document: JsonObject): Map<string, Location[]> {
  const files = new Map<string, Location>();
  for (const file of objectsOf(document["files"])) {
    const layer = /layerID: *(sha256:[0-9a-f]{64})/.exec(textOf(file["comment"]) ?? "")?.[1];
    const path = textOf(file["fileName"]);
    if (path === null) continue;
    files.set(textOf(file["SPDXID"]) ?? "", {
      path: path.startsWith("/") ? path : `/${path}`,
      diffId: layer ?? "",
    });
  }
  const places = new Map<string, Location[]>();
  for (const relation of objectsOf(document["relationships"])) {
    const file = files.get(textOf(relation["relatedSpdxElement"]) ?? "");
    if (file === undefined) continue;
    const owner = textOf(relation["spdxElementId"]) ?? "";
    const known = places.get(owner);
    if (known) known.push(file);
    else places.set(owner, [file]);
  }
  return places;
}

/** Source: CycloneDX 1.6, "components". */
function ofCycloneDx(document: JsonObject): FoundPackage[] {
  // Components are in components, as deep as somebody likes: the list grows while it is walked.
  const components = objectsOf(document["components"]);
  for (const each of components)
    for (const inner of objectsOf(each["components"])) components.push(inner);
  return eachOnce(
    components.map((entry) =>
      packageOf(textOf(entry["purl"]), {
        version: textOf(entry["version"]),
        description: textOf(entry["description"]),
        author: textOf(entry["author"]) ?? textOf(entry["publisher"]),
        licenses: objectsOf(entry["licenses"]).flatMap((each) => {
          const license = objectOf(each["license"]);
          const name =
            textOf(each["expression"]) ?? textOf(license["id"]) ?? textOf(license["name"]);
          return name === null ? [] : licensesOf(name);
        }),
        locations: [],
      }),
    ),
  );
}

type Location = FoundPackage["locations"][number];
type Rest = Pick<FoundPackage, "version" | "description" | "author" | "licenses" | "locations">;

function packageOf(text: string | null, rest: Rest): FoundPackage | undefined {
  const purl = text === null ? undefined : parsePurl(text);
  if (text === null || purl === undefined) return undefined;
  const { type, namespace, name, version } = purl;
  return { ...rest, purl: text, type, namespace, name, version: version ?? rest.version };
}

/** Each package URL once, with all places. */
function eachOnce(packages: readonly (FoundPackage | undefined)[]): FoundPackage[] {
  const byUrl = new Map<string, FoundPackage & { readonly locations: Location[] }>();
  for (const each of packages.slice(0, packageLimit)) {
    if (each === undefined) continue;
    const known = byUrl.get(each.purl);
    if (known) for (const location of each.locations) known.locations.push(location);
    else byUrl.set(each.purl, { ...each, locations: [...each.locations] });
  }
  return [...byUrl.values()].toSorted((one, other) => (one.purl < other.purl ? -1 : 1));
}

/** `MIT AND (Apache-2.0 OR BSD-3-Clause)` names three. Source: SPDX 2.3, annex D. */
function licensesOf(expression: string | null): string[] {
  if (expression === null || /^(?:NOASSERTION|NONE)$/.test(expression)) return [];
  const names = expression.split(/[()\s]+|\b(?:AND|OR)\b/).filter(Boolean);
  const withIndex = names.indexOf("WITH");
  return [...new Set(withIndex < 0 ? names : names.filter((_, at) => at < withIndex))];
}

/** `Person: Jane (jane@example.com)` */
function personOf(text: string | null): string | null {
  const whole = text?.replace(/^(?:Person|Organization): */, "") ?? "";
  const at = whole.endsWith(")") ? whole.lastIndexOf("(") : -1;
  const name = at < 0 ? whole : whole.slice(0, at).trimEnd();
  return name === "NOASSERTION" || name === "" ? null : name;
}
