/**
 * What an image runs, and how it was made. What others wrote is read leniently: a field of the wrong kind is as good as
 * absent. Source: image-spec 1.1, "OCI Image Configuration".
 */
import { WharfError } from "../errors.ts";
import type { Descriptor, Platform } from "../reference/descriptor.ts";
import { normalizePlatform } from "../reference/platform.ts";
import type { ParsedManifest, Schema1Manifest } from "../reference/manifest.ts";
import type { Cancellable, Fetcher } from "../store/store.ts";
import { readConfig } from "../transfer/config.ts";
import { readManifest } from "./read.ts";

/** One step of an image's making. */
export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  readonly author?: string;
  /** Whether the step changed only the configuration. */
  readonly emptyLayer: boolean;
}

/** An image's configuration. */
export interface ImageConfig {
  readonly platform: Platform;
  /** RFC 3339, as it was written. */
  readonly created?: string;
  readonly author?: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=VALUE` */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workdir?: string;
  /** `80/tcp` */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal?: string;
  /** Digests of the layers unpacked, the base first. */
  readonly diffIds: readonly string[];
  /** The base first; steps without a layer are among them. */
  readonly history: readonly HistoryEntry[];
}

/**
 * Reads the configuration of an image.
 *
 * @param reference tag or digest of an image, not of an index: see `selectPlatform`
 * @throws WharfError UNSUPPORTED where there is none, as in an index or an artifact; DIGEST_MISMATCH, and MANIFEST_TOO_LARGE
 *   above 8 MiB
 * @example
 * const child = await selectPlatform(store, "latest", localPlatform());
 * const { env } = await imageConfig(store, child.digest);
 */
export async function imageConfig(
  store: Fetcher,
  reference: string,
  options: Cancellable = {},
): Promise<ImageConfig> {
  const { parsed } = await readManifest(store, reference, options);
  const config = await configOf(store, parsed, options);
  if (config !== undefined) return config;
  const what = parsed.kind === "index" ? "an index" : "an artifact";
  throw new WharfError("UNSUPPORTED", `${reference} is ${what}, which has no configuration`, {
    ...(parsed.kind === "index" && { hint: "Choose one of its platforms." }),
  });
}

/** The configuration that a manifest names or, in schema 1, holds. */
export async function configOf(
  store: Fetcher,
  manifest: ParsedManifest,
  options: Cancellable = {},
): Promise<ImageConfig | undefined> {
  if (manifest.kind === "schema1") return schema1Config(manifest);
  const config = await readConfig(store, manifest, options);
  return config && parseConfig(config.document, config.platform);
}

/** The descriptor of the configuration, where there is one. */
export function configDescriptor(manifest: ParsedManifest): Descriptor | undefined {
  return manifest.kind === "image" ? manifest.config : undefined;
}

function parseConfig(document: Fields, platform: Platform): ImageConfig {
  const runs = fields(document.config);
  return {
    platform,
    ...texts({ created: document.created, author: document.author }),
    entrypoint: list(runs.Entrypoint),
    cmd: list(runs.Cmd),
    env: list(runs.Env),
    labels: map(runs.Labels),
    ...texts({ user: runs.User, workdir: runs.WorkingDir, stopSignal: runs.StopSignal }),
    exposedPorts: Object.keys(fields(runs.ExposedPorts)),
    volumes: Object.keys(fields(runs.Volumes)),
    diffIds: list(fields(document.rootfs).diff_ids),
    history: entries(document.history).map((entry) => ({
      ...texts({
        created: entry.created,
        createdBy: entry.created_by,
        comment: entry.comment,
        author: entry.author,
      }),
      emptyLayer: entry.empty_layer === true,
    })),
  };
}

/** Schema 1 has the configuration of each layer in the manifest; the last one's is the image's. */
function schema1Config({ history, architecture }: Schema1Manifest): ImageConfig {
  const steps = history.map((text) => {
    try {
      return fields(JSON.parse(text));
    } catch {
      return {};
    }
  });
  const top = steps.at(-1) ?? {};
  const platform = {
    os: text(top.os) ?? "linux",
    architecture: text(top.architecture) ?? architecture ?? "unknown",
  };
  const { history: _, ...config } = parseConfig(top, normalizePlatform(platform));
  return {
    ...config,
    history: steps.map((step) => ({
      ...texts({
        created: step.created,
        createdBy: list(fields(step.container_config).Cmd).join(" "),
        comment: step.comment,
        author: step.author,
      }),
      emptyLayer: step.throwaway === true,
    })),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function entries(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Texts of a list; a text alone, which old images have as their command, is a list of one. */
function list(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function map(value: unknown): Record<string, string> {
  const pairs = Object.entries(fields(value)).filter(([, item]) => typeof item === "string");
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** The fields that are texts, and not empty. */
function texts<Key extends string>(from: Record<Key, unknown>): { readonly [K in Key]?: string } {
  const pairs = Object.entries(from).filter(([, value]) => text(value) !== undefined);
  return Object.fromEntries(pairs) as { [K in Key]?: string };
}
