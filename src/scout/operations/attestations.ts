/** What was attested of an image, and how it was built. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { anyOrganization, contextOf, digest, hostName, repoName } from "../parameters.ts";
import { paging, pagingFields } from "../schemas/image.ts";

const input = z.strictObject({ digest, repoName, hostName, organization: anyOrganization });

const attestation = z.looseObject({
  digest: z.string(),
  predicateType: z.string(),
  /** Where it is in a registry. */
  reference: z.string(),
});
/** A signed statement about an image. */
export interface Attestation extends z.infer<typeof attestation> {}
const list = z.looseObject({ paging, items: z.array(named<Attestation>(attestation)) });
/** Statements about an image. */
export interface Attestations extends z.infer<typeof list> {}
const Attestations = named<Attestations>(list);

const listFields = `${pagingFields} items { digest predicateType reference }`;

/** Lists the attestations of an image. */
export const attestations = query({
  summary: "Lists the attestations of an image.",
  effect: "read",
  input,
  output: Attestations,
  document: `query attestations($context: Context!, $query: MgAttestationsListQuery!) {
  attestationsList(context: $context, query: $query) { ${listFields} }
}`,
  variables: variablesOf,
});

/** Lists the attestations of a hardened image; nobody need be signed in. */
export const hardenedAttestations = query({
  summary: "Lists the attestations of a hardened image; nobody need be signed in.",
  auth: "optional",
  effect: "read",
  input,
  output: Attestations,
  document: `query hardenedAttestations($context: Context, $query: MgAttestationsListQuery!) {
  dhiAttestationsList(context: $context, query: $query) { ${listFields} }
}`,
  variables: variablesOf,
});

const pair = z.looseObject({ key: z.string(), value: z.string() });
const built = z.looseObject({
  buildParameters: z.looseObject({ args: z.array(pair) }).nullish(),
  dockerfile: z
    .looseObject({
      rawContent: z.string(),
      /** The layers that each instruction made. */
      sourceMap: z.array(
        z.looseObject({
          instruction: z.string(),
          source: z.string(),
          digests: z.array(z.string()),
          startLine: z.int(),
          endLine: z.int(),
        }),
      ),
    })
    .nullish(),
  ociConfig: z
    .looseObject({
      config: z.looseObject({
        user: z.string().nullish(),
        exposedPorts: z.array(z.string()),
        env: z.array(z.string()),
        entrypoint: z.array(z.string()),
        cmd: z.array(z.string()),
        volumes: z.array(z.string()),
        workingDir: z.string().nullish(),
        labels: z.array(pair),
      }),
    })
    .nullish(),
  source: z
    .looseObject({
      commitUrl: z.string().nullish(),
      commitSha: z.string(),
      dockerfileUrl: z.string().nullish(),
    })
    .nullish(),
});
/** How an image was built: arguments, Dockerfile, configuration, commit. */
export interface Provenance extends z.infer<typeof built> {}
const Provenance = named<Provenance>(built);

const provenanceFields = `buildParameters { args { key value } }
    dockerfile { rawContent sourceMap { instruction source digests startLine endLine } }
    ociConfig {
      config { user exposedPorts env entrypoint cmd volumes workingDir labels { key value } }
    }
    source { commitUrl commitSha dockerfileUrl }`;

/** Shows how an image was built: arguments, Dockerfile, configuration, commit. */
export const provenance = query({
  summary: "Shows how an image was built: arguments, Dockerfile, configuration, commit.",
  effect: "read",
  input,
  output: Provenance,
  document: `query provenance($context: Context!, $query: MgAttestationsQuery!) {
  attestations(context: $context, query: $query) {
    ${provenanceFields}
  }
}`,
  variables: variablesOf,
});

/** Shows how a hardened image was built; nobody need be signed in. */
export const hardenedProvenance = query({
  summary: "Shows how a hardened image was built; nobody need be signed in.",
  auth: "optional",
  effect: "read",
  input,
  output: Provenance,
  document: `query hardenedProvenance($context: Context, $query: MgAttestationsQuery!) {
  dhiAttestations(context: $context, query: $query) {
    ${provenanceFields}
  }
}`,
  variables: variablesOf,
});

function variablesOf({ organization, ...rest }: z.output<typeof input>) {
  return { context: contextOf(organization), query: rest };
}
