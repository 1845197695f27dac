/**
 * Docker Scout by REST. Docker's docs have the metrics exporter alone ("Docker Scout metrics exporter"); what else is here
 * one client calls, and says itself that paths may be wrong. The GraphQL operations are the surer way.
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";

const org = z.string().min(1).describe("Organization, or library for official images");
const repo = z.string().min(1).describe("Name of the repository in the organization");
const reference = z.string().optional().describe("Tag or digest, latest unless said");
const image = { org, repo };

const document = z.looseObject({});
/** An answer that is described nowhere. */
export interface ScoutDocument extends z.infer<typeof document> {}
const ScoutDocument = named<ScoutDocument>(document);

/** Gives an organization's vulnerabilities and policies as Prometheus metrics. */
export const getMetrics = operation({
  summary: "Gives an organization's vulnerabilities and policies as Prometheus metrics.",
  description:
    "Needs the personal access token of an owner, which is sent as it is. The data changes no faster than once an hour.",
  http: "GET /v1/exporter/org/{org}/metrics",
  service: "scout",
  auth: "token",
  effect: "read",
  answer: "text",
  input: z.strictObject({ org: z.string().min(1).describe("Name of the organization") }),
  output: z.string(),
});

/** Shows what Docker Scout found in an image, in short. */
export const getImageSummary = operation({
  summary: "Shows what Docker Scout found in an image, in short.",
  http: "GET /v1/orgs/{org}/images/{repo}/summary",
  service: "scout",
  effect: "read",
  status: "unverified",
  replacedBy: "scout.imageSummaries",
  input: z.strictObject({ ...image, reference }),
  output: ScoutDocument,
});

/** Lists the vulnerabilities of an image. */
export const listVulnerabilities = operation({
  summary: "Lists the vulnerabilities of an image.",
  http: "GET /v1/orgs/{org}/images/{repo}/vulnerabilities",
  service: "scout",
  effect: "read",
  status: "unverified",
  replacedBy: "scout.imageCves",
  input: z.strictObject({
    ...image,
    reference,
    severity: z.string().optional().describe("Only those of this severity"),
  }),
  output: ScoutDocument,
});

/** Gives the bill of materials of an image. */
export const getSbom = operation({
  summary: "Gives the bill of materials of an image.",
  description: "Presumably a document of CycloneDX or SPDX.",
  http: "GET /v1/orgs/{org}/images/{repo}/sbom",
  service: "scout",
  effect: "read",
  status: "unverified",
  replacedBy: "scout.imagePackages",
  input: z.strictObject({
    ...image,
    reference,
    format: z.string().optional().describe("Format of the document"),
  }),
  output: ScoutDocument,
});

/** Compares two images of a repository. */
export const compareImages = operation({
  summary: "Compares two images of a repository.",
  http: "GET /v1/orgs/{org}/images/{repo}/compare",
  service: "scout",
  effect: "read",
  status: "unverified",
  input: z.strictObject({
    ...image,
    base: z.string().optional().describe("Tag or digest to compare with"),
    target: z.string().optional().describe("Tag or digest that is compared"),
  }),
  output: ScoutDocument,
});

/** Lists the policies of an organization. */
export const listPolicies = operation({
  summary: "Lists the policies of an organization.",
  http: "GET /v1/orgs/{org}/policies",
  service: "scout",
  effect: "read",
  status: "unverified",
  replacedBy: "scout.policies",
  input: z.strictObject({ org }),
  output: z.unknown(),
});

/** Shows whether an image complies with the policies. */
export const getPolicyEvaluation = operation({
  summary: "Shows whether an image complies with the policies.",
  http: "GET /v1/orgs/{org}/images/{repo}/policy",
  service: "scout",
  effect: "read",
  status: "unverified",
  replacedBy: "scout.imagePolicies",
  input: z.strictObject({ ...image, reference }),
  output: ScoutDocument,
});
