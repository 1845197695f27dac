/** Files as artifacts, in the manner of ORAS. */
export { attachArtifact, type AttachArtifactOptions } from "./attach.ts";
export type { TitledFile } from "./contents.ts";
export type { ArtifactTarget } from "./deliver.ts";
export { detachArtifact, findDetachable, type DetachWish } from "./detach.ts";
export { discover, type Discovered, type DiscoverOptions, type Discovery } from "./discover.ts";
export type { FileEvent, OnFile } from "./event.ts";
export type { ArtifactFile } from "./files.ts";
export {
  pullArtifact,
  type PulledArtifact,
  type PulledFile,
  type PullArtifactOptions,
} from "./pull.ts";
export { pushArtifact, type PushArtifactOptions, type PushedArtifact } from "./push.ts";
