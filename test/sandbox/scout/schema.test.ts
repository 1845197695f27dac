/** A field of the schema that nothing stands behind is null, and nothing complains: here all of them are asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, getNamedType, type GraphQLField, isObjectType, isUnionType } from "graphql";

import { schemaText } from "../../../src/sandbox/scout/schema/schema.ts";
import { built } from "./built.ts";
import { type Json, latest, pier, scoutStage } from "./stage.ts";

const schema = buildSchema(schemaText);
const roots = { query: schema.getQueryType()!, mutation: schema.getMutationType()! };

/** What is null, or a list of nothing, in a sandbox, and why. One that says something after all fails the test. */
const silent: Readonly<Record<string, string>> = {
  "DetectedSecretSource.location": "these secrets are in the configuration",
  "DetectedSecretSourceLocation.diffId": "layers are not searched for secrets",
  "DetectedSecretSourceLocation.digest": "layers are not searched for secrets",
  "DetectedSecretSourceLocation.ordinal": "no history here has a secret",
  "DetectedSecretSourceLocation.path": "layers are not searched for secrets",
  "SecretFinding.endLine": "layers are not searched for secrets",
  "SecretFinding.startLine": "layers are not searched for secrets",
  "DhiEntitlement.freeTrialEndDate": "nobody is on trial",
  "DhiImageManifest.packageManager": "hardened images have none",
  "DhiImageManifest.shell": "hardened images have none",
  "IbImagePlatform.variant": "these images are for amd64",
  "PkImagePlatform.variant": "these images are for amd64",
  "ServiceStatusResult.maintenance": "a sandbox is never maintained",
  "Maintenance.message": "a sandbox is never maintained",
  "Maintenance.severity": "a sandbox is never maintained",
  "Maintenance.title": "a sandbox is never maintained",
  "Package.description": "this bill of materials has none",
  "ScCVEPackageVulnerability.osName": "the sandbox's vulnerabilities do not say",
  "ScCVEPackageVulnerability.osVersion": "the sandbox's vulnerabilities do not say",
  "ScCVESource.commits": "the sandbox's vulnerabilities do not say",
  "ScCVESource.exploitabilityScore": "the sandbox's vulnerabilities do not say",
  "ScCVESource.exploits": "the sandbox's vulnerabilities do not say",
  "ScCVESource.info": "the sandbox's vulnerabilities do not say",
  "ScCVESource.patches": "the sandbox's vulnerabilities do not say",
  "ScCVESource.state": "the sandbox's vulnerabilities do not say",
  "ScCVESource.withdrawnAt": "none was withdrawn",
  "ScGenericPolicy.remediationLink": "the sandbox has no pages about policies",
  "ScPolicyInfo.remediationLink": "the sandbox has no pages about policies",
  "ScImageAffectedByCVEPackage.osName": "a package URL does not say",
  "ScImageAffectedByCVEPackage.osVersion": "a package URL does not say",
  "ScUserResult.avatarUrl": "nobody has a picture",
  "TrTagData.flavor": "a tag does not say",
  "TrTagData.framework": "a tag does not say",
  "TrTagData.runtime": "a tag does not say",
};

test("something stands behind every field that can be asked for", async (context) => {
  const at = await scoutStage(context);
  const seen = new Set<string>();
  const asked = new Set<string>();
  /** Asks for all that there is below a field of Query or Mutation. */
  const ask = async (kind: keyof typeof roots, name: string, given: object = {}, who = "erin") => {
    const field = roots[kind].getFields()[name]!;
    const names = Object.keys(given);
    const types = field.args.filter((arg) => names.includes(arg.name));
    const head = types.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(", ");
    const call = types.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
    const document = `${kind} ${head && `(${head})`} { ${name} ${call && `(${call})`} ${below(field)} }`;
    const found = (await at.run(who, document, given))[name] as Json;
    asked.add(name);
    note(seen, found);
    return found;
  };

  const lodash = { purl: "pkg:npm/lodash@4.17.20", license: "AGPL-3.0-only", file: "a/b.json" };
  const openssl = { purl: "pkg:deb/debian/openssl@1.0.1e-2?distro=debian-7" };
  const config = {
    Env: [`TOKEN=dckr_pat_${"x".repeat(27)}`],
    Labels: { a: "b" },
    User: "app",
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    Entrypoint: ["/app"],
    Cmd: ["serve"],
    WorkingDir: "/srv",
  };
  const image = await built([lodash, openssl], { layers: 3, config });
  for (const tag of ["1", "1.0"])
    await at.push("alice", "alice/base", await built([lodash], { layers: 2, tag, config }));
  await at.push("alice", "alice/base", await built([], { layers: 1, tag: "2" }));
  await at.push("erin", "pier/app", image);
  // Nothing tells how this one was built.
  await at.push("erin", "pier/plain", await built([lodash], { attached: true }));
  const repository = { hostName: "hub.docker.com", repoName: "pier/app" };
  const [{ digest }, stream, cveId] = [image, latest, "CVE-2021-23337"];
  const of = { context: pier };
  const query = (given: object) => ({ ...of, query: given });
  const input = (given: object) => ({ ...of, input: given });
  const place = { digest, ...repository };

  await ask("query", "imageDetailsListByDigest", { ...of, digest });
  await ask("query", "imageSummariesByDigest", { ...of, digests: [digest] });
  await ask("query", "imagePackagesByDigest", { ...of, digest });
  await ask("query", "imageDetectedSecretsByDigest", { ...of, digest });
  await ask("query", "baseImagesByDigest", { ...of, digest });
  await ask("query", "tagRecommendationsByDigest", { ...of, digest });
  const tag = { repository: "alice/base", tag: "1" };
  await ask("query", "tagRecommendationsByRepositoryAndTag", { ...of, ...tag });
  await ask("query", "vulnerabilitiesByPackage", { ...of, packageUrls: [lodash.purl] });
  await ask("query", "cveSources", query({ cveId: "CVE-2014-0160" }));
  await ask("query", "recentCves", query({ stream }));
  await ask("query", "attestations", query(place));
  await ask("query", "attestationsList", query(place));
  await ask("query", "goalResultSummaries", query({}));
  await ask("query", "goalResultsByDigest", query({ digest }));
  for (const definitionName of ["supply-chain-attestations", "default-non-root-user"])
    await ask(
      "query",
      "goalResults",
      query({ definitionName, configurationName: "default", stream }),
    );
  await ask("query", "namespaceEntitlements", of);
  const free = { context: { organization: "dave" } };
  await ask("query", "namespaceEntitlements", free, "dave");
  await ask("query", "listEnabledRepos", of);
  await ask("query", "serviceStatus");
  await ask("query", "streams", of);
  await ask("query", "streamImages", query({ stream }));
  await ask("query", "cvesByStream", query({ stream }));
  await ask("query", "imagesAffectedByCVE", query({ stream, cveId: "CVE-2014-0160" }));
  await ask("query", "imagesWithPackage", query({ stream, name: "lodash", type: "npm" }));
  await ask("query", "user");
  await ask("query", "shouldEnableReposOnPush", of);
  await ask("query", "repoFeatures", { ...of, repoName: "pier/app" });
  await ask("query", "streamSummary", query({ stream, summaryMode: "UNIQUE_BY_CVE" }));

  const scopes = [{ ...place, packageScopes: [{ purlFields: { type: "npm", name: "lodash" } }] }];
  const details = { justification: "COMPONENT_NOT_PRESENT", additionalDetails: "Not used" };
  const added = { cveId, type: "FALSE_POSITIVE", ...details, imageScopes: scopes };
  const { exception } = await ask("mutation", "addVulnerabilityException", input(added));
  const { id } = exception;
  await ask("mutation", "updateVulnerabilityException", input({ id, imageScopes: scopes }));
  const paging = {};
  await ask("query", "vulnerabilityExceptions", query({ paging }));
  await ask("query", "vulnerabilityException", { ...of, id });
  const coordinates = { digest, hostname: "hub.docker.com", repository: "pier/app" };
  const applicable = { image: coordinates, paging };
  await ask("query", "vulnerabilityExceptionsApplicableToImage", query(applicable));
  await ask("mutation", "removeVulnerabilityException", input({ ids: [id] }));

  await ask("query", "dhiRepositories");
  const python = await ask("query", "dhiRepositoryDetails", { query: { repoName: "python" } });
  await ask("query", "dhiTagDetails", { query: { repoName: "python", tag: "3" } });
  const [{ manifestDigest }] = python.images[0].imageManifests;
  const hardened = { digest: manifestDigest, hostName: "dhi.io", repoName: "python" };
  await ask("query", "dhiAttestations", { query: hardened });
  await ask("query", "dhiAttestationsList", { query: hardened });
  const dhiSourceRepository = { namespace: "dhi", name: "python" };
  const destinationRepository = { namespace: "pier", name: "dhi-python" };
  const mirror = { dhiSourceRepository, destinationRepository };
  const { mirroredRepository } = await ask("mutation", "dhiSetMirroredRepository", input(mirror));
  await ask("query", "dhiListMirroredRepositories", of);
  const bySource = "dhiGetMirroredRepositoriesBySourceRepository";
  await ask("query", bySource, query({ dhiSourceRepository }));
  await ask("query", "dhiListMirroringLogs", of);
  const gone = input({ mirroredRepositoryId: mirroredRepository.id });
  for (let times = 2; times > 0; times -= 1)
    await ask("mutation", "dhiRemoveMirroredRepository", gone);

  const reference = { repository: "pier/app", digest };
  await ask("mutation", "indexImage", { ...of, image: reference });
  const named = { image: "pier/app:latest", appName: "app" };
  await ask("mutation", "addImageToStream", input({ stream: "production", ...named }));
  await ask("mutation", "setStreamImages", input({ stream: "production", images: [named] }));
  const reporting = { repoName: "pier/app", enabled: true };
  await ask("mutation", "setRepoVulnerabilityReporting", { ...of, reporting });
  const several = { repoNames: ["pier/app"], enabled: true };
  await ask("mutation", "setMultiRepoVulnerabilityReporting", { ...of, reporting: several });
  await ask("query", "organizationStatus", of);
  await ask("mutation", "setEnableReposOnPush", input({ enabled: true }));
  await ask("mutation", "setReposBlocked", input({ repoNames: ["pier/app"], blocked: true }));
  await ask("query", "listBlockedRepos", of);

  const events = ["EVERYTHING"];
  const hook = { payloadUrl: "https://example.com/", events, signingKey: "x", active: true };
  const webhook = await ask("mutation", "createWebhook", input(hook));
  await ask("mutation", "updateWebhook", input({ ...hook, id: webhook.id }));
  await ask("query", "listWebhooks", of);
  await ask("query", "getWebhook", { ...of, id: webhook.id });
  await ask("mutation", "deleteWebhook", { ...of, id: webhook.id });
  for (const webhookType of ["GENERIC", "SLACK"]) {
    const told = { repositories: ["pier/app"], streams: ["production"] };
    const news = { name: "news", webhookType, url: "https://example.com/", ...told };
    const { ID } = await ask("mutation", "addNotificationWebhook", input(news));
    await ask("mutation", "updateNotificationWebhook", input({ ID, name: "more" }));
    await ask("query", "notificationWebhook", { ...of, ID });
    await ask("query", "notificationWebhooks", of);
    await ask("mutation", "removeNotificationWebhook", { ...of, ID });
  }

  const all = Object.values(roots).flatMap((root) => Object.keys(root.getFields()));
  assert.deepEqual([...asked].toSorted(), all.toSorted());
  const unsaid = [...fields()].filter((field) => !seen.has(field));
  assert.deepEqual(unsaid.toSorted(), Object.keys(silent).toSorted());
});

/** The selection of all fields below one. */
function below({ type }: Pick<GraphQLField<unknown, unknown>, "type">): string {
  const named = getNamedType(type);
  if (isUnionType(named))
    return `{ __typename ${named
      .getTypes()
      .map((one) => `... on ${one.name} ${below({ type: one })}`)
      .join(" ")} }`;
  if (!isObjectType(named)) return "";
  const fields = Object.values(named.getFields()).map((field) => `${field.name} ${below(field)}`);
  return `{ __typename ${fields.join(" ")} }`;
}

/** Notes which fields of an answer say something. */
function note(seen: Set<string>, value: Json): void {
  if (Array.isArray(value)) for (const one of value) note(seen, one);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (inner !== null && !(Array.isArray(inner) && inner.length === 0))
      seen.add(`${value.__typename}.${name}`);
    note(seen, inner);
  }
}

/** Fields of all types that are answered, as `Type.field`. */
function* fields(): Generator<string> {
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) && !type.name.startsWith("__") && !Object.values(roots).includes(type))
      for (const name of Object.keys(type.getFields())) yield `${type.name}.${name}`;
}
