/** The catalogue of hardened images: a few repositories, invented, whose images are the one of the seed. */
import { createHash } from "node:crypto";

import { countOf } from "../images/analysis.ts";
import { type Seeded, seeded } from "../images/seeded.ts";

export const categories = [
  { id: "languages", name: "Languages and frameworks" },
  { id: "databases", name: "Databases" },
  { id: "web", name: "Web servers" },
] as const;

export interface HardenedRepository {
  readonly name: string;
  readonly displayName: string;
  readonly shortDescription: string;
  readonly category: (typeof categories)[number]["id"];
  readonly version: string;
  readonly distribution: "Debian 12" | "Alpine 3.22";
  readonly featured: boolean;
  readonly fipsCompliant: boolean;
  readonly stigCertified: boolean;
  readonly homeUrl: string;
  readonly user: string;
  readonly workingDirectory: string;
  readonly entrypoint: string;
}

const common = { user: "nonroot", workingDirectory: "/", stigCertified: false };

export const repositories: readonly HardenedRepository[] = [
  {
    ...common,
    name: "node",
    displayName: "Node.js",
    shortDescription: "JavaScript outside of browsers",
    category: "languages",
    version: "24.11",
    distribution: "Alpine 3.22",
    featured: true,
    fipsCompliant: false,
    homeUrl: "https://nodejs.org",
    entrypoint: "node",
  },
  {
    ...common,
    name: "postgres",
    displayName: "PostgreSQL",
    shortDescription: "A relational database",
    category: "databases",
    version: "18.1",
    distribution: "Debian 12",
    featured: false,
    fipsCompliant: true,
    stigCertified: true,
    homeUrl: "https://www.postgresql.org",
    entrypoint: "postgres",
  },
  {
    ...common,
    name: "python",
    displayName: "Python",
    shortDescription: "A language that reads well",
    category: "languages",
    version: "3.14",
    distribution: "Debian 12",
    featured: true,
    fipsCompliant: true,
    stigCertified: true,
    homeUrl: "https://www.python.org",
    entrypoint: "python3",
  },
];

/** The one image of all of them. */
export const hardened = (): Promise<Seeded> => seeded("1.6.1", true);

export const sourceHost = "dhi.io";
export const sourceNamespace = "dhi";
/** When the catalogue was last built. */
export const lastUpdated = "2026-04-28T06:00:00.000000Z";

export function findHardened(name: string): HardenedRepository | undefined {
  const bare = name.replace(/^dhi\//, "");
  return repositories.find((each) => each.name === bare);
}

/** Tags of the one image of a repository. */
export function tagsOf({ version, distribution }: HardenedRepository): string[] {
  const system = distribution.startsWith("Debian") ? "debian12" : "alpine3.22";
  const [major = ""] = version.split(".");
  return [major, version, `${version}-${system}`];
}

/** The type `DhiRepositorySummary`. */
export function summaryOf(repository: HardenedRepository) {
  const { category, distribution } = repository;
  return {
    ...repository,
    namespace: sourceNamespace,
    categories: categories.filter(({ id }) => id === category),
    distributions: [distribution],
    platforms: ["linux/amd64", "linux/arm64"],
  };
}

/** The type `DhiImageManifest`, for each platform. */
export async function manifestsOf(repository: HardenedRepository) {
  const { images } = await hardened();
  const { distribution, user, workingDirectory, fipsCompliant, stigCertified } = repository;
  return images.map(({ digest, platform, size }) => ({
    manifestDigest: digest,
    platform,
    distribution,
    compressedSize: size,
    packageManager: null,
    shell: null,
    user,
    workingDirectory,
    fipsCompliant,
    stigCertified,
    lastPushed: lastUpdated,
    vulnerabilities: countOf([]),
    scoutHealthScore: {
      score: "A",
      policies: [
        {
          name: "default-non-root-user",
          label: "Default non-root user",
          status: "PASS",
          description: "Processes do not run as root where nobody says otherwise.",
          violationCount: 0,
        },
      ],
    },
  }));
}

export interface HardenedImage {
  readonly digest: string;
  readonly repository: HardenedRepository;
}

/** An image of the catalogue by its place. */
export async function hardenedImage({
  digest,
  hostName,
  repoName,
}: {
  readonly digest: string;
  readonly hostName: string;
  readonly repoName: string;
}): Promise<HardenedImage | undefined> {
  const repository = findHardened(repoName);
  const image = (await hardened()).images.find((each) => each.digest === digest);
  return hostName === sourceHost && repository && image
    ? { digest: image.digest, repository }
    : undefined;
}

/** The type `MgAttestation`: each hardened image comes with these. */
export function attestedOf({ digest, repository: { name } }: HardenedImage) {
  const predicateTypes = [
    "https://cyclonedx.org/bom/v1.6",
    "https://openvex.dev/ns/v0.2.0",
    "https://slsa.dev/provenance/v1",
    "https://spdx.dev/Document",
  ];
  return predicateTypes.map((predicateType) => {
    const hash = createHash("sha256").update(`${name} ${digest} ${predicateType}`).digest("hex");
    return {
      digest: `sha256:${hash}`,
      predicateType,
      reference: `${sourceHost}/${name}@sha256:${hash}`,
    };
  });
}
