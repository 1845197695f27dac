/** The verbs of registries, as operations. */
export * from "./operations/changing.ts";
export * from "./operations/reading.ts";
