/** Every operation that surfaces show: those of Docker Hub, of Docker Scout, and of registries. */
export * from "./hub/catalogue.ts";
export * from "./scout/catalogue.ts";
export * as registry from "./image/operations.ts";
