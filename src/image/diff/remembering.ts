/** A store that is asked for each manifest once. */
import { supports, type Fetcher, type Manifest } from "../../store/store.ts";

/** `store`, with the manifests that were read kept in memory. */
export function remembering(store: Fetcher): Fetcher {
  const manifests = new Map<string, Promise<Manifest>>();
  return {
    async fetchManifest(reference, options) {
      const known = manifests.get(reference);
      if (known !== undefined) return known;
      const reading = store.fetchManifest(reference, options);
      manifests.set(reference, reading);
      reading.catch(() => manifests.delete(reference));
      const manifest = await reading;
      manifests.set(manifest.descriptor.digest, reading);
      return manifest;
    },
    fetchBlob: (descriptor, options) => store.fetchBlob(descriptor, options),
    ...(supports(store, "statBlob") && { statBlob: store.statBlob.bind(store) }),
  };
}
