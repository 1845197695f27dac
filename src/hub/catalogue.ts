/** Every area of Docker Hub's API. To add an operation, add it to its area's file, and a fixture. */
export * as accessTokens from "./operations/accessTokens.ts";
export * as auth from "./operations/auth.ts";
export * as categories from "./operations/categories.ts";
export * as immutableTags from "./operations/immutableTags.ts";
export * as pullLimit from "./operations/pullLimit.ts";
export * as repositories from "./operations/repositories.ts";
export * as repositoryGroups from "./operations/repositoryGroups.ts";
export * as tags from "./operations/tags.ts";
