/** The configuration of an image: when it was made, as whom it runs, its labels. Source: OCI image-spec, "Image Configuration". */
import { objectOf, objectsOf, textOf, textsOf } from "../../lenient.ts";
import { type Asked, pathOf } from "../asked.ts";
import type { Image } from "./image.ts";

export interface Config {
  readonly created: string | null;
  readonly user: string | null;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly workingDir: string | null;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly diffIds: readonly string[];
  readonly history: readonly string[];
}

export async function configOf(asked: Asked, { repository, digest }: Image): Promise<Config> {
  const path = pathOf(repository);
  const manifest = await asked.blobs.manifest(path, digest);
  const document =
    manifest?.kind === "image" ? await asked.blobs.json(path, manifest.config) : undefined;
  const root = objectOf(document);
  const config = objectOf(root["config"]);
  return {
    created: textOf(root["created"]),
    user: textOf(config["User"]),
    env: textsOf(config["Env"]),
    entrypoint: textsOf(config["Entrypoint"]),
    cmd: textsOf(config["Cmd"]),
    exposedPorts: Object.keys(objectOf(config["ExposedPorts"])),
    volumes: Object.keys(objectOf(config["Volumes"])),
    workingDir: textOf(config["WorkingDir"]),
    labels: Object.entries(objectOf(config["Labels"])).flatMap(([key, value]) =>
      typeof value === "string" ? [{ key, value }] : [],
    ),
    diffIds: textsOf(objectOf(root["rootfs"])["diff_ids"]),
    history: objectsOf(root["history"]).map((entry) => textOf(entry["created_by"]) ?? ""),
  };
}
