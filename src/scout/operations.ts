/** Every operation of Docker Scout. */
export * from "./operations/attestations.ts";
export * from "./operations/cves.ts";
export * from "./operations/exceptions.ts";
export * from "./operations/hardened.ts";
export * from "./operations/images.ts";
export * from "./operations/mirrors.ts";
export * from "./operations/organization.ts";
export * from "./operations/policies.ts";
export * from "./operations/recommendations.ts";
export * from "./operations/rest.ts";
export * from "./operations/streams.ts";
