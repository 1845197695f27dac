/**
 * `import … from "wharfinger/sandbox"`: an embedded Docker Hub, for tests.
 * Every name here is a promise; what is not here may change with any release.
 */

export {
  type Fault,
  type FaultRule,
  type JournalEntry,
  type PullLimits,
  type Sandbox,
  type SandboxOptions,
  type SandboxUrls,
  type Seed,
  type SeedAccount,
  type SeedName,
  startSandbox,
  type WebhookDelivery,
} from "../sandbox/sandbox.ts";

// Seeds
export { readSeed, seedSchema } from "../sandbox/seed/index.ts";

// Errors
export { errorTable, isError, WharfError } from "../errors.ts";
export type { ErrorCode, ErrorDetails } from "../errors.ts";
