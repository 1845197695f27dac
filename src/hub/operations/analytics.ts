/** How often a publisher's images were pulled. Source: Docker Hub's API for verified publishers ("DVP data"). */
import * as z from "zod";
import { named, operation } from "../../operation.ts";

const base = "/api/publisher/analytics/v1";
const namespace = z.string().min(1).describe("Namespace of the publisher");
const year = z.int().describe("Four digits");
const timespantype = z.enum(["months", "weeks"]).describe("Months or weeks");
const timespan = z.int().describe("Number of the month or week in its year");

const question = {
  timespan: z.enum(["months", "weeks"]).optional().describe("Pulls of each month or week"),
  period: z
    .enum(["last-2-months", "last-3-months", "last-6-months", "last-12-months"])
    .optional()
    .describe("How far back"),
  group: z.enum(["repo", "namespace"]).optional().describe("Pulls of each repository, or of all"),
};

const metadata = z.looseObject({
  namespace: z.string().optional(),
  extraRepos: z.array(z.string()).nullish(),
  datasets: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        views: z.array(z.string()).nullish(),
        timespans: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});
/** What there is to know about a namespace. */
export interface AnalyticsNamespace extends z.infer<typeof metadata> {}
const AnalyticsNamespace = named<AnalyticsNamespace>(metadata);

const pulls = z.looseObject({
  pulls: z
    .array(
      z.looseObject({
        start: z.string().optional(),
        end: z.string().optional(),
        repo: z.string().nullish(),
        namespace: z.string().nullish(),
        pullCount: z.number().optional(),
        ipCount: z.number().optional(),
        country: z.string().nullish(),
      }),
    )
    .nullish(),
});
/** Pulls in spans of time. */
export interface Pulls extends z.infer<typeof pulls> {}
const Pulls = named<Pulls>(pulls);

/** Lists the namespaces that you may see the pulls of. */
export const listNamespaces = operation({
  summary: "Lists the namespaces that you may see the pulls of.",
  http: `GET ${base}/`,
  effect: "read",
  input: z.strictObject({}),
  output: z.looseObject({ namespaces: z.array(z.string()).nullish() }),
});

/** Lists what there is to know about each namespace. */
export const listNamespaceMetadata = operation({
  summary: "Lists what there is to know about each namespace.",
  http: `GET ${base}/namespaces`,
  effect: "read",
  input: z.strictObject({}),
  output: z.array(AnalyticsNamespace),
});

/** Shows what there is to know about a namespace. */
export const getNamespace = operation({
  summary: "Shows what there is to know about a namespace.",
  http: `GET ${base}/namespaces/{namespace}`,
  effect: "read",
  input: z.strictObject({ namespace }),
  output: AnalyticsNamespace,
});

/** Shows the pulls of a namespace. */
export const getNamespacePulls = operation({
  summary: "Shows the pulls of a namespace.",
  http: `GET ${base}/namespaces/{namespace}/pulls`,
  effect: "read",
  input: z.strictObject({ namespace, ...question }),
  output: Pulls,
});

/** Shows the pulls of a repository. */
export const getRepositoryPulls = operation({
  summary: "Shows the pulls of a repository.",
  http: `GET ${base}/namespaces/{namespace}/repos/{repo}/pulls`,
  effect: "read",
  input: z.strictObject({
    namespace,
    repo: z.string().min(1).describe("Name of the repository"),
    ...question,
  }),
  output: Pulls,
});

/** Lists the years that there are exports for. */
export const listYears = operation({
  summary: "Lists the years that there are exports for.",
  http: `GET ${base}/namespaces/{namespace}/pulls/exports/years`,
  effect: "read",
  input: z.strictObject({ namespace }),
  output: z.looseObject({
    years: z.array(z.looseObject({ year: z.int().optional() })).nullish(),
  }),
});

const spans = z.looseObject({
  months: z.array(z.looseObject({ month: z.int().optional() })).nullish(),
  weeks: z.array(z.looseObject({ week: z.int().optional() })).nullish(),
});
/** Months or weeks. */
export interface Timespans extends z.infer<typeof spans> {}

/** Lists the months or weeks of a year that there are exports for. */
export const listTimespans = operation({
  summary: "Lists the months or weeks of a year that there are exports for.",
  http: `GET ${base}/namespaces/{namespace}/pulls/exports/years/{year}/{timespantype}`,
  effect: "read",
  input: z.strictObject({ namespace, year, timespantype }),
  output: named<Timespans>(spans),
});

/** Tells whether there is an export for a month or week. */
export const getTimespan = operation({
  summary: "Tells whether there is an export for a month or week.",
  http: `GET ${base}/namespaces/{namespace}/pulls/exports/years/{year}/{timespantype}/{timespan}`,
  effect: "read",
  input: z.strictObject({ namespace, year, timespantype, timespan }),
  output: z.looseObject({ month: z.int().optional(), week: z.int().optional() }),
});

const exported = z.looseObject({
  data: z
    .array(
      z.looseObject({
        url: z.string().optional(),
        /** Bytes. */
        size: z.number().optional(),
      }),
    )
    .nullish(),
});
/** Addresses to download from; they end after a while. */
export interface ExportFiles extends z.infer<typeof exported> {}

/** Lists the files of an export, with addresses to download them from. */
export const listExportFiles = operation({
  summary: "Lists the files of an export, with addresses to download them from.",
  http: `GET ${base}/namespaces/{namespace}/pulls/exports/years/{year}/{timespantype}/{timespan}/{dataview}`,
  effect: "read",
  input: z.strictObject({
    namespace,
    year,
    timespantype,
    timespan,
    dataview: z
      .enum(["raw", "summary", "repo-summary", "namespace-summary"])
      .describe("How much detail"),
  }),
  output: named<ExportFiles>(exported),
});

/** Shows the pulls of up to fifty repositories. */
export const getManyRepositoriesPulls = operation({
  summary: "Shows the pulls of up to fifty repositories.",
  http: `GET ${base}/repos/pulls`,
  effect: "read",
  places: { repos: "repeated" },
  input: z.strictObject({
    repos: z.array(z.string()).max(50).describe("NAMESPACE/NAME of each, at most 50"),
    ...question,
  }),
  output: z.looseObject({ repos: z.record(z.string(), Pulls).nullish() }),
});
