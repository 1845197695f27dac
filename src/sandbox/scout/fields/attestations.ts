/** What was attested of an image, and how it was built. */
import { type Asked, type ContextInput, hubHost, organizationOf, pathOf } from "../asked.ts";
import { attestedOf, hardenedImage } from "../hardened/catalogue.ts";
import { statements } from "../images/analysis.ts";
import { configOf } from "../images/config.ts";
import { findImages, type Image } from "../images/image.ts";
import { provenanceIn } from "../sbom/provenance.ts";

interface Asking {
  readonly context?: ContextInput | null;
  readonly query: {
    readonly digest: string;
    readonly hostName: string;
    readonly repoName: string;
  };
}

export const attestationQueries = {
  async attestationsList(asking: Asking, asked: Asked) {
    const image = imageOf(asking, asked);
    if (!image) return null;
    const path = pathOf(image.repository);
    const items = (await statements(asked, image)).map(({ manifest, predicateType }) => ({
      digest: manifest,
      predicateType,
      reference: `docker.io/${path}@${manifest}`,
    }));
    return { paging: { totalCount: items.length }, items };
  },

  async attestations(asking: Asking, asked: Asked) {
    const image = imageOf(asking, asked);
    if (!image) return null;
    const { user, env, entrypoint, cmd, exposedPorts, volumes, workingDir, labels } =
      await configOf(asked, image);
    return {
      ...provenanceIn(await statements(asked, image)),
      ociConfig: {
        config: { user, exposedPorts, env, entrypoint, cmd, volumes, workingDir, labels },
      },
    };
  },

  async dhiAttestationsList({ query }: Asking) {
    const found = await hardenedImage(query);
    if (!found) return null;
    const items = attestedOf(found);
    return { paging: { totalCount: items.length }, items };
  },

  async dhiAttestations({ query }: Asking) {
    const found = await hardenedImage(query);
    if (!found) return null;
    const { name, version, user, workingDirectory, entrypoint } = found.repository;
    const lines = [`FROM scratch`, `COPY --chown=65532 / /`, `ENTRYPOINT ["${entrypoint}"]`];
    return {
      buildParameters: { args: [{ key: "VERSION", value: version }] },
      dockerfile: {
        rawContent: lines.join("\n"),
        sourceMap: lines.map((source, at) => ({
          instruction: source.split(" ", 1)[0],
          source,
          digests: [],
          startLine: at + 1,
          endLine: at + 1,
          startColumn: 0,
          endColumn: source.length,
        })),
      },
      ociConfig: {
        config: {
          user,
          exposedPorts: [],
          env: ["PATH=/usr/local/bin:/usr/bin"],
          entrypoint: [entrypoint],
          cmd: [],
          volumes: [],
          workingDir: workingDirectory,
          labels: [{ key: "com.docker.dhi.name", value: `dhi/${name}` }],
        },
      },
      source: {
        commitSha: "4c1bfa3f1e0d9a5b7c2e6d8f0a1b3c5d7e9f0a2b",
        commitUrl: null,
        dockerfileUrl: null,
      },
    };
  },
};

function imageOf({ context, query }: Asking, asked: Asked): Image | undefined {
  if (query.hostName !== hubHost && query.hostName !== "docker.io") return undefined;
  const organization = organizationOf(asked, context ?? {});
  return findImages(asked, organization, query.digest, true).find(
    (image) => image.digest === query.digest && pathOf(image.repository) === query.repoName,
  );
}
