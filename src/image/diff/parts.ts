/** What one image consists of, and what two of them differ in. */
import { isError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { ParsedManifest } from "../../reference/manifest.ts";
import type { Cancellable, Fetcher } from "../../store/store.ts";
import { readManifest } from "../read.ts";
import { configDocument, configFields, manifestFields } from "./config.ts";
import { compareFields, type FieldChange } from "./fields.ts";
import { compareLayers, type DescribedLayer, type LayerChange } from "./layers.ts";

export interface Described {
  readonly parsed: ParsedManifest;
  /** Absent for artifacts. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly layers: readonly DescribedLayer[];
}

/** Reads manifest and configuration; undefined where the store lacks the manifest, as an index may name what is not there. */
export async function describe(
  store: Fetcher,
  { digest }: Descriptor,
  { signal }: Cancellable,
): Promise<Described | undefined> {
  const options = signal === undefined ? {} : { signal };
  try {
    const { parsed } = await readManifest(store, digest, options);
    const config = await configDocument(store, parsed, options);
    return { parsed, ...(config && { config }), layers: layersOf(parsed, config ?? {}) };
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return undefined;
    throw error;
  }
}

export interface Parts {
  readonly manifest: readonly FieldChange[];
  readonly config: readonly FieldChange[];
  readonly layers: readonly LayerChange[];
}

export function compareParts(from: Described, to: Described): Parts {
  return {
    manifest: compareFields(manifestFields(from.parsed), manifestFields(to.parsed)),
    config: compareFields(configFields(from.config ?? {}), configFields(to.config ?? {})),
    layers: compareLayers(from.layers, to.layers),
  };
}

/** Bytes as they are transferred, each digest once; schema 1 does not tell. */
export function sizeOf({ parsed }: Described): number | undefined {
  if (parsed.kind !== "image") return undefined;
  const sizes = new Map<Digest, number>();
  for (const { digest, size } of [parsed.config, ...parsed.layers]) sizes.set(digest, size);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function layersOf(
  parsed: ParsedManifest,
  config: Readonly<Record<string, unknown>>,
): readonly DescribedLayer[] {
  if (parsed.kind === "index") return [];
  const descriptors: readonly Descriptor[] =
    parsed.kind === "image"
      ? parsed.layers
      : parsed.layers.map((digest) => ({ mediaType: "", digest, size: 0 }));
  const diffIds = list((config.rootfs as { diff_ids?: unknown } | undefined)?.diff_ids);
  const steps = list(config.history)
    .map((step) => step as { created_by?: unknown; empty_layer?: unknown } | null)
    .filter((step) => step?.empty_layer !== true)
    .map((step) => step?.created_by);
  // Lists of another length are about other layers.
  const told = (from: readonly unknown[], at: number): string | undefined => {
    const value = from.length === descriptors.length ? from[at] : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return descriptors.map((descriptor, at) => {
    const diffId = told(diffIds, at);
    const createdBy = told(steps, at) ?? descriptor.annotations?.["org.opencontainers.image.title"];
    return {
      descriptor,
      ...(diffId !== undefined && { diffId }),
      ...(createdBy !== undefined && { createdBy }),
    };
  });
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
