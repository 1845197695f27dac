/** Archives as stores: an OCI layout in a tar, and what `docker save` writes. */
import { stat } from "node:fs/promises";
import type { Writable } from "node:stream";

import { WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { ReferrerLister } from "../store.ts";
import { createDockerTarget, type DockerTargetOptions } from "./dockerTarget.ts";
import { openDockerSource } from "./dockerSource.ts";
import { openFileOutput } from "./fileOutput.ts";
import { openMembers } from "./input.ts";
import { openOciSource } from "./ociSource.ts";
import { createOciTarget } from "./ociTarget.ts";
import type { Output } from "./output.ts";
import { createPipeOutput, openDevice } from "./pipeOutput.ts";
import type { ArchiveSource } from "./source.ts";
import type { ArchiveTarget } from "./target.ts";

export type { ArchiveSource } from "./source.ts";
export type { ArchiveTarget } from "./target.ts";

export type ArchiveKind = "oci-archive" | "docker-archive";

/**
 * Opens an archive to read from it. Its entries are listed once and then read by position; standard input, and an archive
 * that is compressed with gzip or zstd, goes into a temporary file first.
 *
 * An `oci-archive` gives manifests as they are, and lists referrers. A `docker-archive` gives each image a manifest of
 * Docker's schema 2, whose layers are those of the archive, uncompressed as a rule: digests then stay the same and can be
 * checked against the configuration.
 *
 * @param input path, `-` for standard input, or a stream
 * @throws WharfError FILE_NOT_FOUND, ARCHIVE_INVALID, PATH_UNSAFE, DISK_FULL
 *
 * @example
 * const archive = await openArchive("busybox.tar", "docker-archive");
 * try {
 *   await copy(archive, await archive.only(), target);
 * } finally {
 *   await archive.close();
 * }
 */
export async function openArchive(
  input: string | Bytes,
  kind: ArchiveKind,
  options: Cancellable & { subject?: string } = {},
): Promise<ArchiveSource & Partial<ReferrerLister>> {
  const members = await openMembers(input, options);
  try {
    return await (kind === "oci-archive" ? openOciSource : openDockerSource)(members, options);
  } catch (error) {
    await members.close();
    throw error;
  }
}

/**
 * Begins an archive. A file appears under its name, or replaces the one that is there, in `finish`; down a pipe the
 * archive goes as it is made. A stream that is given is not ended.
 *
 * Blobs may be pushed at the same time; what cannot be written yet waits in temporary files, not in memory.
 *
 * @param output path, `-` for standard output, or a stream
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, USAGE where standard output is a terminal
 *
 * @example
 * const archive = await createArchive("busybox.tar", "docker-archive", { names: ["busybox:1.36"] });
 * try {
 *   await copy(source, "1.36", archive, { platforms: [localPlatform()] });
 *   await archive.finish();
 * } finally {
 *   await archive.abort();
 * }
 */
export async function createArchive(
  output: string | Writable,
  kind: ArchiveKind,
  options: DockerTargetOptions & { subject?: string } = {},
): Promise<ArchiveTarget & Partial<ReferrerLister>> {
  const subject =
    options.subject ??
    (typeof output !== "string" ? "archive" : output === "-" ? "standard output" : output);
  const opened = await openOutput(output, subject);
  try {
    if (kind === "oci-archive") return await createOciTarget(opened, subject);
    return createDockerTarget(opened, subject, options);
  } catch (error) {
    await opened.abort();
    throw error;
  }
}

async function openOutput(output: string | Writable, subject: string): Promise<Output> {
  if (typeof output !== "string") return createPipeOutput(output, subject);
  if (output !== "-") {
    const found = await stat(output).catch(() => undefined);
    if (found?.isDirectory()) {
      throw new WharfError("FILE_FAILED", `${output}: is a folder, not a file`);
    }
    return found === undefined || found.isFile() ? openFileOutput(output) : openDevice(output);
  }
  if (process.stdout.isTTY) {
    throw new WharfError("USAGE", "An archive would be written to the terminal", {
      hint: "Write for example `wharf copy … docker-archive:- | docker load`, or name a file.",
    });
  }
  return createPipeOutput(process.stdout, subject, { prompt: true });
}
