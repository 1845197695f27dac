/** Who is wrong when a target refuses a blob: the source's bytes are read again and hashed. */
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { createDigester } from "../store/digester.ts";
import type { Fetcher } from "../store/store.ts";
import type { Session } from "./session.ts";

/**
 * Explains a refusal for its digest or size.
 * @returns an error that names the side at fault; the refusal itself where the source can't be read again
 */
export async function blame(
  { source, sourceName, targetName }: Session,
  descriptor: Descriptor,
  refusal: WharfError,
  options: Cancellable,
): Promise<WharfError> {
  const { digest, size } = descriptor;
  const found = await hash(source, descriptor, options).catch(() => undefined);
  if (found === undefined) return refusal;
  const blob = `${sourceName}: blob ${digest}`;
  const details = {
    cause: refusal,
    hint: "Push the image to the source again, or copy it from elsewhere.",
  };
  if (found.size !== size) {
    const holds =
      found.size > size ? `more than the ${size} bytes` : `${found.size} of the ${size} bytes`;
    return new WharfError("SIZE_MISMATCH", `${blob} holds ${holds} promised`, details);
  }
  if (found.digest !== digest) {
    return new WharfError(
      "DIGEST_MISMATCH",
      `${blob} holds bytes with digest ${found.digest}`,
      details,
    );
  }
  return new WharfError(
    refusal.code,
    `${targetName}: refused blob ${digest}, although the source's bytes are right: ${refusal.message}`,
    {
      ...refusal.details,
      cause: refusal,
      hint: "The target, or something on the way to it, damages bytes; try again, then ask who runs it.",
    },
  );
}

async function hash(source: Fetcher, descriptor: Descriptor, options: Cancellable) {
  const digester = createDigester(parseDigest(descriptor.digest).algorithm, {
    size: descriptor.size,
  });
  try {
    for await (const chunk of await source.fetchBlob(descriptor, options)) {
      const taken = digester.update(chunk);
      if (taken !== undefined) await taken;
      // A body without end is told by its first byte too many.
      if (digester.size > descriptor.size) return { size: digester.size, digest: undefined };
    }
    return { size: digester.size, digest: await digester.digest() };
  } finally {
    digester.dispose();
  }
}
