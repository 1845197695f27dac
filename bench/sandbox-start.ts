/** `sandbox-start.ts SEED`: starts a sandbox, says how long that took, and ends it. */
const begun = performance.now();
const { startSandbox } = await import("../src/entrance/sandbox.ts");
const loaded = performance.now();
const seed = process.argv[2] === "large" ? "large" : "small";
const sandbox = await startSandbox({ seed });
const started = performance.now();
const again = await startSandbox({ seed });
const ended = performance.now();
await Promise.all([sandbox.close(), again.close()]);
const words = [
  `loading ${Math.round(loaded - begun)} ms`,
  `startSandbox ${Math.round(started - loaded)} ms`,
  `a second one ${Math.round(ended - started)} ms`,
];
console.log(words.join(", "));
