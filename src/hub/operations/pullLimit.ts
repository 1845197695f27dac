/**
 * How many pulls are left, asked as Docker describes it: by the head of a manifest, which counts as none.
 * Source: Docker's docs, "Docker Hub pull usage and limits".
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";

const tokenAnswer = z.looseObject({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});
/** A token for the registry. */
export interface RegistryTokenAnswer extends z.infer<typeof tokenAnswer> {}

/** Asks the registry's token service for a token that may pull. */
export const getToken = operation({
  summary: "Asks the registry's token service for a token that may pull.",
  http: "GET /token?service=registry.docker.io&scope=repository:ratelimitpreview/test:pull",
  service: "auth",
  auth: "none",
  effect: "read",
  input: z.strictObject({}),
  output: named<RegistryTokenAnswer>(tokenAnswer),
  secrets: ["token", "access_token"],
});

const limits = z.looseObject({
  "ratelimit-limit": z.string().optional(),
  "ratelimit-remaining": z.string().optional(),
  "docker-ratelimit-source": z.string().optional(),
});
/** The header fields that tell the limit; none of them means that there is no limit. */
export interface PullLimitHeaders extends z.infer<typeof limits> {}

/** Shows how many pulls are left, and for whom they are counted. */
export const get = operation({
  summary: "Shows how many pulls are left, and for whom they are counted.",
  description: "`100;w=21600` means 100 in 21,600 seconds. No field means no limit.",
  http: "HEAD /v2/ratelimitpreview/test/manifests/latest",
  service: "registry",
  auth: "registry",
  effect: "read",
  answer: "headers",
  input: z.strictObject({}),
  output: named<PullLimitHeaders>(limits),
});
