/** Fixtures of hardened images and their mirrors. */
import { clean, digest, other } from "./parts.ts";

const context = { organization: "acme" };
const python = {
  name: "dhi-python",
  namespace: "dhi",
  displayName: "Python",
  shortDescription: "A minimal Python",
  featured: true,
  fipsCompliant: true,
  stigCertified: false,
  homeUrl: null,
  categories: [{ id: "languages", name: "Languages" }],
  distributions: ["debian"],
  platforms: ["linux/amd64"],
};
const tag = { name: "3.13", lastUpdated: "2026-01-04T21:06:53Z" };
const manifest = {
  manifestDigest: digest,
  platform: "linux/amd64",
  distribution: "debian 13",
  compressedSize: 18_000_000,
  packageManager: null,
  shell: null,
  user: "nonroot",
  workingDirectory: "/",
  fipsCompliant: true,
  stigCertified: false,
  lastPushed: tag.lastUpdated,
  vulnerabilities: clean,
  scoutHealthScore: {
    score: "A",
    policies: [
      { name: "no-root", label: "Default non-root user", status: "PASS", violationCount: 0 },
    ],
  },
};
const source = { hostname: "dhi.io", namespace: "dhi", name: "python", displayName: "Python" };
const destination = { hostname: "docker.io", namespace: "acme", name: "dhi-python" };
const mirror = { id: "m1", destinationRepository: destination, dhiSourceRepository: source };

export const hardened = {
  hardenedRepositories: {
    input: { categoryId: "languages" },
    variables: { context: {}, query: { filter: { categoryId: "languages" } } },
    value: { items: [python], categories: python.categories },
  },
  hardenedRepository: {
    input: { repoName: "python" },
    variables: { context: {}, query: { repoName: "python" } },
    value: {
      ...python,
      overview: "# Python",
      guides: "# How",
      images: [{ indexDigest: other, tags: [tag], imageManifests: [manifest] }],
    },
  },
  hardenedTag: {
    input: { repoName: "python", tag: "3.13", organization: "acme" },
    variables: { context, query: { repoName: "python", tag: "3.13" } },
    value: { repo: "python", indexDigest: other, tag, allTags: [tag], imageManifests: [manifest] },
  },
  mirrors: {
    input: { organization: "acme" },
    variables: { context },
    value: { totalCount: 1, canMirrorMoreRepositories: true, mirroredRepositories: [mirror] },
  },
  mirrorsOf: {
    input: { organization: "acme", namespace: "dhi", name: "python" },
    variables: { context, query: { dhiSourceRepository: { namespace: "dhi", name: "python" } } },
    value: { mirroredRepositories: [mirror] },
  },
  mirroringLogs: {
    input: { organization: "acme", includedStatuses: ["FAILED" as const], pageSize: 10 },
    variables: { context, query: { includedStatuses: ["FAILED"], paging: { pageSize: 10 } } },
    value: {
      items: [
        {
          id: "l1",
          reason: "PUSH",
          status: "FAILED",
          tag: "3.13",
          digest,
          triggeredAt: tag.lastUpdated,
          pushedAt: null,
          startedAt: tag.lastUpdated,
          completedAt: null,
          sourceRepository: source,
          destinationRepository: destination,
        },
      ],
    },
  },
};
