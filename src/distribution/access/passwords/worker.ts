/** The thread that compares passwords with hashes. */
import { parentPort } from "node:worker_threads";

import { compareSync } from "bcryptjs";

import type { Answer, Job } from "./threads.ts";

parentPort?.on("message", ({ password, hash }: Job) => {
  const answer: Answer = { matches: compareSync(password, hash) };
  parentPort?.postMessage(answer);
});
