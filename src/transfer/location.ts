/** Opens what a location names. Each kind of store is loaded when it is used, so that starting costs little. */
export type { LocationContext } from "./context.ts";
export { openSource, type OpenedSource } from "./openSource.ts";
export { openTarget, type OpenedTarget } from "./openTarget.ts";
