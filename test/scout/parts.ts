/** What comes again and again in Docker Scout's answers. */
export const digest = `sha256:${"7173b809ca12ec5dee4506cd86be934c".repeat(2)}`;
export const other = `sha256:${"a0d0a0d46f8b52473982a3c466318f47".repeat(2)}`;
export const report = { critical: 1, high: 2, medium: 3, low: 40, unspecified: 0, total: 46 };
export const clean = { critical: 0, high: 0, medium: 0, low: 5, unspecified: 0, total: 5 };

export const platform = { os: "linux", architecture: "amd64", variant: null };
export const tag = {
  name: "1.27",
  updatedAt: "2026-01-04T21:06:53Z",
  current: true,
  digest: other,
};
export const repository = {
  hostName: "registry.example",
  repoName: "library/nginx",
  badge: "OFFICIAL_IMAGE",
};
export const base = {
  digest: other,
  createdAt: "2026-01-01T00:00:00Z",
  tags: [tag],
  repository,
  platform,
  packageCount: 88,
  layerCount: 1,
  compressedSize: 28_000_000,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  sbomState: "INDEXED",
  vulnerabilityReport: clean,
};
export const image = {
  ...base,
  digest,
  packageCount: 149,
  layerCount: 7,
  compressedSize: 67_270_000,
  vulnerabilityReport: report,
  baseImage: { ...base, repository: { ...repository, repoName: "library/debian" } },
  baseImageTag: { ...tag, name: "bookworm-slim" },
  user: "nginx",
  labels: [{ key: "maintainer", value: "NGINX Docker Maintainers" }],
};
export const vulnerability = {
  sourceId: "CVE-2024-3094",
  source: "nist",
  description: "Malicious code in xz.",
  cvss: {
    severity: "CRITICAL",
    version: "CVSS_VERSION_3",
    score: 10,
    vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
  },
  cwes: [{ cweId: "CWE-506", description: "Embedded Malicious Code" }],
  fixedBy: "5.6.1+really5.4.5-1",
  vulnerableRange: ">=5.5.1alpha-0.1,<5.6.1+really5.4.5-1",
  url: "https://scout.docker.com/v/CVE-2024-3094",
  publishedAt: "2024-03-29T17:15:21Z",
  updatedAt: "2025-01-01T00:00:00Z",
  epss: { score: 0.85, percentile: 0.99, priority: "CRITICAL" },
  cisaExploited: false,
  isExcepted: false,
};
export const minor = {
  ...vulnerability,
  sourceId: "CVE-2011-3374",
  description: null,
  cvss: { severity: "LOW", version: "CVSS_VERSION_3", score: 3.7, vector: null },
  cwes: [],
  fixedBy: null,
  epss: null,
};
export const xz = {
  name: "xz-utils",
  namespace: "debian",
  version: "5.6.0-0.1",
  type: "deb",
  purl: "pkg:deb/debian/xz-utils@5.6.0-0.1?os_name=debian",
};
export const apt = { ...xz, name: "apt", version: "2.6.1", purl: "pkg:deb/debian/apt@2.6.1" };
