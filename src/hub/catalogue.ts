/** Every area of Docker Hub's API. To add an operation, add it to its area's file, and a fixture. */
export * as accessTokens from "./operations/accessTokens.ts";
export * as auth from "./operations/auth.ts";
export * as pullLimit from "./operations/pullLimit.ts";
