/** Removing one tag and nothing else: distribution-spec 1.1, "Deleting tags", with a way around where it is missing. */

import { isError, WharfError } from "../errors.ts";
import { type Descriptor, mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import type { Cancellable, Manifest } from "../store/store.ts";
import { bytesSource } from "../store/sources.ts";
import type { Connection } from "./connection.ts";
import {
  deletionRefused,
  fetchManifest,
  putManifest,
  removeManifest,
  resolveManifest,
} from "./manifests.ts";
import { pushBlob } from "./upload/push.ts";

/** Marks a manifest that was pushed only to be deleted with the one tag on it. */
export const throwAwayMark = "org.wharfinger.throw-away";

/**
 * Removes a tag; other tags on the same manifest, and the manifest itself, stay.
 *
 * Where the registry cannot delete a tag (many answer 400 or 405, some 404), the tag is moved to a throw-away manifest that
 * nothing else names, and that one is deleted. Whether the registry deletes at all is tried before the tag is touched.
 * Interrupted in between, the next call finds the throw-away manifest under the tag and finishes.
 *
 * @throws WharfError MANIFEST_NOT_FOUND where there is no such tag; UNSUPPORTED where the registry deletes nothing; CONFLICT
 *   where the tag was moved meanwhile
 */
export async function deleteTag(
  connection: Connection,
  name: string,
  tag: string,
  options: Cancellable = {},
): Promise<void> {
  const found = await resolveManifest(connection, name, tag, options);
  if (await deletedByApi(connection, name, tag, options)) return;
  const original = await fetchManifest(connection, name, tag, options).catch(unlessGone);
  // It was there a moment ago: the registry has deleted it, and only its answer was lost.
  if (original === undefined) return;
  if (isThrowAway(original.bytes)) {
    return removeManifest(connection, name, original.descriptor.digest, options);
  }
  const throwAway = await pushThrowAway(connection, name, original.descriptor, options);
  await tryDeletion(connection, name, throwAway, options);
  const current = await resolveManifest(connection, name, tag, options);
  if (current.digest !== found.digest) {
    throw new WharfError(
      "CONFLICT",
      `${connection.registry}/${name}:${tag}: the tag was moved to ${current.digest} meanwhile and is left alone`,
      { hint: "Run it again if the new one is to go, too." },
    );
  }
  await putManifest(connection, name, throwAway, { ...options, tag });
  try {
    await removeManifest(connection, name, throwAway.descriptor.digest, options);
  } catch (error) {
    if (!isError(error, "CONNECTION_FAILED", "TIMEOUT", "INTERRUPTED")) {
      await putManifest(connection, name, original, { tag }).catch(() => {});
    }
    throw error;
  }
  await checkGone(connection, name, tag, { throwAway, original }, options);
}

/** False where the registry does not offer it. */
async function deletedByApi(
  connection: Connection,
  name: string,
  tag: string,
  options: Cancellable,
): Promise<boolean> {
  try {
    await removeManifest(connection, name, tag, options);
    return true;
  } catch (error) {
    // The tag was just resolved, so 404, too, speaks of the method.
    if (isError(error) && [400, 404, 405, 501].includes(error.details.status ?? 0)) return false;
    throw error;
  }
}

/** Proves on a manifest that nobody needs that the registry deletes. */
async function tryDeletion(
  connection: Connection,
  name: string,
  throwAway: Manifest,
  options: Cancellable,
): Promise<void> {
  if (connection.learned.deletable.has(name)) return;
  await putManifest(connection, name, throwAway, options);
  try {
    await removeManifest(connection, name, throwAway.descriptor.digest, options);
  } catch (error) {
    if (isError(error) && [400, 404, 405, 501].includes(error.details.status ?? 0)) {
      throw deletionRefused(error, connection.registry);
    }
    throw error;
  }
}

/** Registries delete a manifest with every tag on it. Should one not, the tag gets back what it had. */
async function checkGone(
  connection: Connection,
  name: string,
  tag: string,
  { throwAway, original }: { throwAway: Manifest; original: Manifest },
  options: Cancellable,
): Promise<void> {
  const left = await resolveManifest(connection, name, tag, options).catch(unlessGone);
  if (left?.digest !== throwAway.descriptor.digest) return;
  await putManifest(connection, name, original, { tag });
  throw new WharfError(
    "UNSUPPORTED",
    `${connection.registry}/${name}:${tag}: the registry deletes manifests but keeps their tags; the tag is as it was`,
  );
}

function unlessGone(error: unknown): undefined {
  if (!isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) throw error;
}

/** Pushes what the manifest consists of, and makes a manifest that is like no other, of a type that the registry takes. */
async function pushThrowAway(
  connection: Connection,
  name: string,
  like: Descriptor,
  options: Cancellable,
): Promise<Manifest> {
  const docker = like.mediaType.startsWith("application/vnd.docker.");
  const id = process.getBuiltinModule("node:crypto").randomUUID();
  const configBytes = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: { [throwAwayMark]: id } },
      rootfs: { type: "layers", diff_ids: [] },
    }),
  );
  const config = {
    mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.ociConfig,
    digest: digestOf(configBytes),
    size: configBytes.byteLength,
  };
  await pushBlob(connection, name, config, bytesSource(configBytes), options);
  const mediaType = docker ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config,
      // Some registries take no image without layers.
      layers: [{ ...config, mediaType: docker ? mediaTypes.dockerLayerGzip : mediaTypes.ociLayer }],
      annotations: { [throwAwayMark]: id },
    }),
  );
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}

function isThrowAway(bytes: Uint8Array): boolean {
  try {
    const { annotations } = JSON.parse(new TextDecoder().decode(bytes)) as {
      annotations?: Record<string, unknown>;
    };
    return typeof annotations?.[throwAwayMark] === "string";
  } catch {
    return false;
  }
}
