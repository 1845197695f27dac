/**
 * Scout's requests of REST. Docker documents the metrics exporter alone; the answers of the others are those that the one
 * client which sends them expects.
 */
import {
  type Account,
  accountOfToken,
  findAccount,
  type Identity,
} from "../../accounts/accounts.ts";
import { roleOf } from "../../accounts/permissions.ts";
import type { Answer } from "../../answer.ts";
import type { State } from "../../state/state.ts";
import { type Asked, namedOrganization, readable } from "../asked.ts";
import { policyQueries, resultsOf } from "../fields/policies.ts";
import { analysisOf, findingsOf, reportOf } from "../images/analysis.ts";
import { type Image, imagesBehind, tagsIn } from "../images/image.ts";
import { platformText } from "../images/stream.ts";
import { badInput, forbidden, missing, unauthenticated } from "../refusal.ts";
import { severities, severityOf } from "../vulnerabilities/database.ts";
import { viewOfMatch } from "../vulnerabilities/view.ts";
import { documentOf } from "./document.ts";
import { metricsOf } from "./metrics.ts";

export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

export interface RestParts {
  readonly state: State;
  readonly now: () => number;
  /** Opens a request for whoever its session belongs to, or for somebody who is known otherwise. */
  ask(identity?: Identity): Promise<Asked>;
}

/** @throws ScoutRefusal */
export async function answerRest(request: RestRequest, parts: RestParts): Promise<Answer> {
  const { method, path } = request;
  const { ask } = parts;
  const [version, area, ...rest] = path.split("/").slice(1).map(decoded);
  if (version !== "v1") throw missing(`Scout knows no ${path}`);
  const isRead = method === "GET" || method === "HEAD";
  if (!isRead) return { status: 405, body: { message: "method not allowed" } };
  if (area === "exporter" && rest.length === 3 && rest[0] === "org" && rest[2] === "metrics")
    return metrics(request, rest[1] ?? "", parts);
  const [org = "", what, repo = "", question = ""] = rest;
  if (area === "orgs" && what === "policies" && rest.length === 2) {
    const context = { organization: org };
    const { items } = await policyQueries.goalResultSummaries({ context, query: {} }, await ask());
    return { status: 200, body: items.map(({ policy, ...counts }) => ({ ...policy, ...counts })) };
  }
  if (
    area === "orgs" &&
    what === "images" &&
    rest.length === 4 &&
    Object.hasOwn(images, question)
  ) {
    const asked = await ask();
    return {
      status: 200,
      body: await images[question as keyof typeof images](asked, org, repo, request.query),
    };
  }
  throw missing(`Scout knows no ${path}`);
}

/** The exporter takes the access token of an owner as it is. */
async function metrics(
  { authorization = "" }: RestRequest,
  org: string,
  { state, now, ask }: RestParts,
): Promise<Answer> {
  const secret = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (secret === undefined) throw unauthenticated("a personal access token is required");
  const account = accountOfToken(state, secret, now());
  if (!account) throw unauthenticated("the personal access token is not valid");
  const organization = findAccount(state, org);
  if (!organization || roleOf(state, organization, account) !== "owner") throw forbidden();
  // An owner sees all; the exporter asks for no scope of the token.
  const asked = await ask({ account });
  return {
    status: 200,
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    body: await metricsOf(asked, organization),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What is asked of an image of a repository; `reference` is a tag or a digest. */
const images = {
  async summary(asked: Asked, org: string, repo: string, query: URLSearchParams) {
    const { image, organization } = imageOf(asked, org, repo, query.get("reference"));
    const { sbomState: state, packages } = await analysisOf(asked, image);
    const vulnerabilities = await reportOf(asked, image, organization);
    return {
      digest: image.digest,
      platform: platformText(image),
      vulnerabilities,
      policy: await policiesOf(asked, image, organization),
      sbom: { state, packages: packages.length },
    };
  },

  async vulnerabilities(asked: Asked, org: string, repo: string, query: URLSearchParams) {
    const { image, organization } = imageOf(asked, org, repo, query.get("reference"));
    const severity = query.get("severity")?.toUpperCase();
    if (severity !== undefined && !(severities as readonly string[]).includes(severity))
      throw badInput(`severity is one of ${severities.join(", ")}`);
    const found = await findingsOf(asked, image, organization);
    const cves = found
      .filter(({ cve }) => severity === undefined || severityOf(cve) === severity)
      .filter(({ isExcepted }) => !isExcepted)
      .map((each) => ({ ...viewOfMatch(each), package: each.package.purl }));
    return { digest: image.digest, cves, count: cves.length };
  },

  async sbom(asked: Asked, org: string, repo: string, query: URLSearchParams) {
    const { image } = imageOf(asked, org, repo, query.get("reference"));
    const { sbomState, packages } = await analysisOf(asked, image);
    if (sbomState !== "INDEXED") throw missing("the image has no bill of materials");
    return documentOf(query.get("format") ?? "spdx", image, packages, asked.now);
  },

  async compare(asked: Asked, org: string, repo: string, query: URLSearchParams) {
    const sides = [query.get("base"), query.get("target")].map((reference) =>
      imageOf(asked, org, repo, reference),
    );
    const [base, target] = await Promise.all(
      sides.map(async ({ image, organization }) => ({
        digest: image.digest,
        vulnerabilities: await reportOf(asked, image, organization),
        packages: new Set((await analysisOf(asked, image)).packages.map(({ purl }) => purl)),
      })),
    );
    const without = (one: typeof base, other: typeof base) =>
      [...one!.packages].filter((purl) => !other!.packages.has(purl));
    return {
      base: { digest: base!.digest, vulnerabilities: base!.vulnerabilities },
      target: { digest: target!.digest, vulnerabilities: target!.vulnerabilities },
      added: without(target, base),
      removed: without(base, target),
    };
  },

  async policy(asked: Asked, org: string, repo: string, query: URLSearchParams) {
    const { image, organization } = imageOf(asked, org, repo, query.get("reference"));
    return { digest: image.digest, ...(await policiesOf(asked, image, organization)) };
  },
};

async function policiesOf(asked: Asked, image: Image, organization: Account) {
  const found = await resultsOf(asked, image, organization);
  const results = found.map(({ definitionName, displayName, currentResult }) => ({
    policy: definitionName,
    displayName,
    status: currentResult?.statusLabel ?? "unknown",
    deviations: currentResult?.deviationCount ?? 0,
  }));
  return {
    policies: results.map(({ policy }) => policy),
    results,
    outcome: results.some(({ status }) => status === "noncompliant") ? "fail" : "pass",
  };
}

/** The image for linux/amd64, or the first one. @throws ScoutRefusal NOT_FOUND, FORBIDDEN */
function imageOf(asked: Asked, org: string, repo: string, reference: string | null) {
  const organization = namedOrganization(asked, { organization: org });
  const repository = readable(asked, `${organization.name}/${repo}`);
  const wanted = reference ?? "latest";
  const digest =
    tagsIn(asked, repository).find(({ name }) => name === wanted)?.digest ??
    (wanted.startsWith("sha256:") ? wanted : "");
  const found = imagesBehind(asked, repository, digest);
  const image = found.find((each) => platformText(each) === "linux/amd64") ?? found[0];
  if (!image) throw missing(`there is no image ${organization.name}/${repo}:${wanted}`);
  return { image, organization };
}
