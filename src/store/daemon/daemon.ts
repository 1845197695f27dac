/**
 * Images of the local docker or podman daemon, which gives and takes them as docker archives.
 * Source: Docker Engine API, "Export an image" and "Import images"; podman serves the same.
 */
import { interrupted } from "../../errors.ts";
import { name as segments, path } from "../../reference/path.ts";
import { formatReference, parseReference, withDefaultTag } from "../../reference/reference.ts";
import { openArchive } from "../archive/archive.ts";
import type { ArchiveSource, ArchiveTarget } from "../archive/archive.ts";
import { createDockerTarget } from "../archive/dockerTarget.ts";
import { createPipeOutput } from "../archive/pipeOutput.ts";
import { connectDaemon, type DaemonOptions } from "./connection.ts";
import { answerTo, failure, refusal } from "./exchange.ts";
import { LoadStream } from "./load.ts";

export type { DaemonOptions } from "./connection.ts";

const patience = 900_000;

/**
 * Opens an image of the daemon to read from it. The daemon packs all of it, and it waits in a temporary file; `only()`
 * names it.
 *
 * @param reference a name, `busybox:1.36` (without a tag: latest), or an image's id
 * @throws WharfError DAEMON_UNREACHABLE, MANIFEST_NOT_FOUND, REFERENCE_INVALID, TIMEOUT
 *
 * @example
 * const image = await openDaemonSource("busybox:1.36");
 * try {
 *   await copy(image, await image.only(), target, { tag: "1.36" });
 * } finally {
 *   await image.close();
 * }
 */
export async function openDaemonSource(
  reference: string,
  options: DaemonOptions = {},
): Promise<ArchiveSource> {
  const { signal, idleTimeout: timeout = patience } = options;
  const wanted = isImageId(reference) ? reference : wholeName(reference);
  const daemon = await connectDaemon(options);
  const request = daemon.begin("GET", path`/images/${segments(wanted)}/get`);
  request.end();
  const answer = await answerTo(daemon, request, { timeout, ...(signal && { signal }) });
  if (answer.statusCode !== 200) throw await refusal(daemon, answer, `image ${reference}`);
  const stop = (): void => void answer.destroy(interrupted(signal));
  signal?.addEventListener("abort", stop);
  try {
    const subject = `${daemon.name}: image ${reference}`;
    return await openArchive(answer, "docker-archive", { subject, ...(signal && { signal }) });
  } catch (error) {
    throw failure(daemon, error);
  } finally {
    signal?.removeEventListener("abort", stop);
    answer.destroy();
  }
}

/**
 * Begins to load an image into the daemon: what is pushed streams there as a docker archive. It is there after `finish`.
 *
 * @param reference the name that the image gets, `busybox:1.36` (without a tag: latest)
 * @throws WharfError DAEMON_UNREACHABLE, REFERENCE_INVALID; from the target's methods also REGISTRY_ERROR, TIMEOUT
 *
 * @example
 * const daemon = await openDaemonTarget("busybox:1.36");
 * try {
 *   await copy(source, "1.36", daemon, { platforms: [localPlatform()] });
 *   await daemon.finish();
 * } finally {
 *   await daemon.abort();
 * }
 */
export async function openDaemonTarget(
  reference: string,
  options: DaemonOptions = {},
): Promise<ArchiveTarget> {
  const name = wholeName(reference);
  const daemon = await connectDaemon(options);
  const { signal, idleTimeout = patience } = options;
  const stream = new LoadStream(daemon, idleTimeout);
  const stop = (): void => void stream.destroy(interrupted(signal));
  signal?.addEventListener("abort", stop, { once: true });
  stream.on("close", () => signal?.removeEventListener("abort", stop));
  const subject = `${daemon.name}: image ${reference}`;
  const output = createPipeOutput(stream, subject, { ours: true, prompt: true });
  return createDockerTarget(output, subject, { names: [name] });
}

/** An identifier, whole or shortened, which is no name without a tag. */
function isImageId(text: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|[0-9a-f]{12,64})$/.test(text);
}

/** Without a tag, docker would take every image of the repository. */
function wholeName(text: string): string {
  return formatReference(withDefaultTag(parseReference(text)));
}
