/** `sandbox-serve.ts [SEED]`: a sandbox for measurements, without a limit of requests; prints its address. */
import { startSandbox } from "../src/entrance/sandbox.ts";

const seed = process.argv[2] === "large" ? "large" : "small";
const sandbox = await startSandbox({ seed, rateLimit: 1e9 });
console.log(sandbox.hubUrl);
