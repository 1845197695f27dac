/** Streams, which are an organization's environments: their images, vulnerabilities and packages. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import {
  contextOf,
  given,
  organization,
  paged,
  pages,
  pagingOf,
  severity,
  sortOrder,
  stream,
} from "../parameters.ts";
import { imageFields, paging, pagingFields, platform, ScoutImage } from "../schemas/image.ts";

const streamList = z.looseObject({ paging, items: z.array(z.looseObject({ name: z.string() })) });
/** Names of streams. */
export interface Streams extends z.infer<typeof streamList> {}

/** Lists the streams of an organization. */
export const streams = query({
  summary: "Lists the streams of an organization.",
  effect: "read",
  input: z.strictObject({
    organization,
    namePrefix: z.string().optional().describe("Only those whose names begin so"),
    ...pages,
  }),
  output: named<Streams>(streamList),
  paging: paged,
  document: `query streams($context: Context!, $query: ScStreamsQuery) {
  streams(context: $context, query: $query) { ${pagingFields} items { name } }
}`,
  variables: ({ organization: name, namePrefix, ...rest }) => ({
    context: contextOf(name),
    query: { ...pagingOf(rest), filter: given({ namePrefix }) },
  }),
});

const images = z.looseObject({ paging, items: z.array(ScoutImage) });
/** Images of a stream. */
export interface StreamImages extends z.infer<typeof images> {}

/** Lists the images of a stream, with vulnerabilities counted. */
export const streamImages = query({
  summary: "Lists the images of a stream, with vulnerabilities counted.",
  effect: "read",
  input: z.strictObject({
    organization,
    stream,
    repoName: z.string().optional().describe("Only images of this repository"),
    field: z.enum(["LAST_PUSHED", "TAG_UPDATED_AT"]).optional().describe("What to order by"),
    sortOrder,
    ...pages,
  }),
  output: named<StreamImages>(images),
  paging: paged,
  document: `query streamImages($context: Context!, $query: ScStreamImagesQuery!) {
  streamImages(context: $context, query: $query) {
    ${pagingFields}
    items { ${imageFields} }
  }
}`,
  variables: ({ organization: name, repoName, field, sortOrder: order, ...rest }) => ({
    context: contextOf(name),
    query: {
      ...pagingOf(rest),
      filter: given({ repoName }),
      ordering: given({ field, sortOrder: order }),
    },
  }),
});

const cve = z.looseObject({
  cveId: z.string(),
  highestSeverity: z.string(),
  highestCVSSScore: z.string().nullish(),
  /** How many images have it. */
  detectedInCount: z.int(),
  fixable: z.boolean(),
  packages: z.array(
    z.looseObject({ purl: z.string(), severity: z.string(), fixedBy: z.array(z.string()) }),
  ),
});
/** A vulnerability of images of a stream. */
export interface StreamCve extends z.infer<typeof cve> {}
const cves = z.looseObject({ paging, items: z.array(named<StreamCve>(cve)) });
/** Vulnerabilities of images of a stream. */
export interface StreamCves extends z.infer<typeof cves> {}

/** Lists the vulnerabilities of a stream's images, and how many images have each. */
export const streamCves = query({
  summary: "Lists the vulnerabilities of a stream's images, and how many images have each.",
  effect: "read",
  input: z.strictObject({
    organization,
    stream,
    cveId: z.string().optional().describe("Only this one"),
    severities: z.array(severity).optional().describe("Only these severities"),
    field: z
      .enum(["SEVERITY", "DETECTED_IN_COUNT", "CVSS_SCORE"])
      .optional()
      .describe("What to order by"),
    sortOrder,
    ...pages,
  }),
  output: named<StreamCves>(cves),
  paging: paged,
  document: `query streamCves($context: Context!, $query: ScStreamCVEsQuery!) {
  cvesByStream(context: $context, query: $query) {
    ${pagingFields}
    items {
      cveId highestSeverity highestCVSSScore detectedInCount fixable packages { purl severity fixedBy }
    }
  }
}`,
  variables: ({ organization: name, cveId, severities, field, sortOrder: order, ...rest }) => ({
    context: contextOf(name),
    query: {
      ...pagingOf(rest),
      filter: given({ cveId, severities }),
      ordering: given({ field, sortOrder: order }),
    },
  }),
});

const affected = z.looseObject({
  affectedImage: ScoutImage,
  affectedPackages: z.array(
    z.looseObject({
      purl: z.string(),
      name: z.string().nullish(),
      version: z.string(),
      type: z.string(),
    }),
  ),
});
/** An image that has a vulnerability, and where. */
export interface AffectedImage extends z.infer<typeof affected> {}
const affectedImages = z.looseObject({
  paging,
  packageCount: z.int(),
  items: z.array(named<AffectedImage>(affected)),
});
/** Images that have a vulnerability. */
export interface AffectedImages extends z.infer<typeof affectedImages> {}

/** Lists the images of a stream that have a vulnerability. */
export const imagesWithCve = query({
  summary: "Lists the images of a stream that have a vulnerability.",
  effect: "read",
  input: z.strictObject({
    organization,
    stream,
    cveId: z.string().min(1).describe("The vulnerability: CVE-2024-3094"),
    repoName: z.string().optional().describe("Only images of this repository"),
    ...pages,
  }),
  output: named<AffectedImages>(affectedImages),
  paging: paged,
  document: `query imagesWithCve($context: Context!, $query: ScImagesAffectedByCVEQuery!) {
  imagesAffectedByCVE(context: $context, query: $query) {
    ${pagingFields} packageCount
    items {
      affectedImage { ${imageFields} }
      affectedPackages { purl name version type }
    }
  }
}`,
  variables: ({ organization: name, repoName, ...rest }) => ({
    context: contextOf(name),
    query: { ...pagingOf(rest), filter: given({ repoName }) },
  }),
});

const holder = z.looseObject({
  digest: z.string(),
  name: z.string().nullish(),
  lastPushed: z.string().nullish(),
  repository: z.looseObject({ hostName: z.string(), repoName: z.string() }),
  packageVersions: z.array(z.string()),
  platform: platform.nullish(),
});
/** An image that has a package. */
export interface ImageWithPackage extends z.infer<typeof holder> {}
const holders = z.looseObject({
  paging,
  /** Every version of the package in the stream. */
  versions: z.array(z.string()),
  items: z.array(named<ImageWithPackage>(holder)),
});
/** Images that have a package. */
export interface ImagesWithPackage extends z.infer<typeof holders> {}

/** Lists the images of a stream that have a package, with its versions. */
export const imagesWithPackage = query({
  summary: "Lists the images of a stream that have a package, with its versions.",
  effect: "read",
  input: z.strictObject({
    organization,
    stream,
    name: z.string().min(1).describe("Name of the package: openssl"),
    type: z.string().min(1).describe("Its type, as in a package URL: deb, npm"),
    namespace: z.string().optional().describe("Its namespace, as in a package URL: debian"),
    packageVersion: z.string().optional().describe("Only this version"),
    repoName: z.string().optional().describe("Only images of this repository"),
    ...pages,
  }),
  output: named<ImagesWithPackage>(holders),
  paging: paged,
  document: `query imagesWithPackage($context: Context!, $query: PkImagesWithPackageQuery!) {
  imagesWithPackage(context: $context, query: $query) {
    ${pagingFields} versions
    items {
      digest name lastPushed repository { hostName repoName } packageVersions
      platform { os architecture variant }
    }
  }
}`,
  variables: ({ organization: name, packageVersion, repoName, ...rest }) => ({
    context: contextOf(name),
    query: { ...pagingOf(rest), filter: given({ packageVersion, repoName }) },
  }),
});
