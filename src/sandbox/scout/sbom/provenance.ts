/**
 * How an image was built, as its provenance tells it.
 * Sources: SLSA provenance 0.2 and 1.0; BuildKit, "SLSA definitions".
 */
import type { JsonObject } from "../../../reference/fields.ts";
import { listOf, objectOf, textOf } from "../../lenient.ts";
import type { Statement } from "./statements.ts";

/** The fields of the type `MgAttestationsResult` that come of a provenance. */
export function provenanceIn(statements: readonly Statement[]) {
  const statement = statements.find(({ predicateType }) =>
    predicateType.startsWith("https://slsa.dev/provenance"),
  );
  const predicate = objectOf(statement?.predicate);
  const definition = objectOf(predicate["buildDefinition"]);
  const isFirst = predicate["buildDefinition"] === undefined;
  const parameters = isFirst
    ? objectOf(objectOf(predicate["invocation"])["parameters"])
    : objectOf(objectOf(definition["externalParameters"])["request"]);
  const metadata = isFirst
    ? objectOf(objectOf(predicate["metadata"])["https://mobyproject.org/buildkit@v1#metadata"])
    : objectOf(objectOf(objectOf(predicate["runDetails"])["metadata"])["buildkit_metadata"]);
  if (statement === undefined) return { buildParameters: null, dockerfile: null, source: null };
  return {
    buildParameters: { args: argumentsIn(objectOf(parameters["args"])) },
    dockerfile: dockerfileIn(metadata),
    source: sourceIn(objectOf(metadata["vcs"])),
  };
}

function argumentsIn(args: JsonObject) {
  return Object.entries(args).flatMap(([name, value]) =>
    name.startsWith("build-arg:") && typeof value === "string"
      ? [{ key: name.slice("build-arg:".length), value }]
      : [],
  );
}

function dockerfileIn(metadata: JsonObject) {
  const source = objectOf(metadata["source"]);
  const [file] = listOf(source["infos"]);
  const { data } = objectOf(file);
  if (typeof data !== "string" || data.length > textLimit) return null;
  const rawContent = Buffer.from(data, "base64").toString();
  const lines = rawContent.split("\n");
  const layers = objectOf(metadata["layers"]);
  let told = 0;
  const sourceMap = Object.entries(objectOf(source["locations"])).flatMap(([step, value]) => {
    const place = objectOf(listOf(objectOf(value)["locations"])[0]);
    const range = objectOf(listOf(place["ranges"])[0]);
    const [start, end] = [objectOf(range["start"]), objectOf(range["end"])];
    const startLine = numberOf(start["line"]);
    // Steps do not overlap; whoever says that thousands are the whole file is not told it thousands of times.
    if (startLine === 0 || told > textLimit) return [];
    const endLine = numberOf(end["line"]) || startLine;
    const text = lines.slice(startLine - 1, endLine).join("\n");
    told += text.length;
    return {
      digests: listOf(layers[`${step}:0`])
        .flatMap(listOf)
        .flatMap((layer) => textOf(objectOf(layer)["digest"]) ?? []),
      startLine,
      endLine,
      startColumn: numberOf(start["character"]),
      endColumn: numberOf(end["character"]),
      instruction: /^\s*([A-Za-z]+)/.exec(text)?.[1]?.toUpperCase() ?? "",
      source: text,
    };
  });
  return { rawContent, sourceMap };
}

function sourceIn(vcs: JsonObject) {
  const commitSha = textOf(vcs["revision"]);
  if (commitSha === null) return null;
  const address = textOf(vcs["source"])?.replace(/\.git$/, "") ?? null;
  const isWeb = address !== null && /^https:\/\/[\w.-]+\//.test(address);
  return {
    commitSha,
    commitUrl: isWeb ? `${address}/commit/${commitSha}` : null,
    dockerfileUrl: isWeb ? `${address}/blob/${commitSha}/Dockerfile` : null,
  };
}

/** Lines and columns; what the schema's whole numbers hold. */
const largest = 2 ** 31 - 1;
/** Characters of a Dockerfile that is told, and of all its steps together. */
const textLimit = 1 << 20;

const numberOf = (value: unknown): number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= largest
    ? (value as number)
    : 0;
