/** The official conformance suites of the distribution specification, as programs that are pointed at a registry. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { tool } from "../tools.ts";

export const newest = tool(
  "oci-conformance",
  "npm run conformance:oci builds it in .wharf/conformance",
);
export const released = tool(
  "oci-conformance-1.1",
  "npm run conformance:oci builds it in .wharf/conformance",
);

/** What a run of a suite counted. */
export interface Counts {
  readonly passed: number;
  /** By name. */
  readonly failed: readonly string[];
  /** By name, what the suite left out: skipped by itself, or disabled. */
  readonly left: readonly string[];
}

/**
 * What the newest suite leaves out at version 1.1, because it came later, or at every version, because registries may
 * refuse it.
 */
const leftOut = {
  OCI_API_BLOBS_DIGEST_HEADER: "true",
  OCI_API_BLOBS_UPLOAD_CANCEL: "true",
  OCI_API_MANIFESTS_DIGEST_HEADER: "true",
  OCI_API_MANIFESTS_TAG_PARAM: "true",
  OCI_DATA_SPARSE: "true",
};

/**
 * Runs the newest suite with everything switched on that it knows; the registry must take images whose layers are missing.
 *
 * @param url of the registry
 * @param folder for the reports
 */
export async function runNewest(
  url: URL,
  version: "1.1" | "dev",
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  const said = await newest.run([], {
    cwd: folder,
    environment: {
      OCI_REGISTRY: url.host,
      OCI_TLS: url.protocol === "http:" ? "disabled" : "enabled",
      OCI_VERSION: version,
      ...leftOut,
      ...environment,
    },
    // 1 where a test failed: then the counts say so.
    statuses: [0, 1],
  });
  const results = [...said.matchAll(/^ *(OCI Conformance Test.*): (\w+)$/gm)];
  const named = (...states: string[]) =>
    results.filter(([, , state]) => states.includes(state!)).map(([, name]) => name!);
  return {
    // Its own summary, which counts some tests of the list above more than once.
    passed: Number(/^ *Pass\.+: *(\d+)$/m.exec(said)?.[1]),
    failed: named("FAIL", "Error"),
    left: named("Skip", "Disabled"),
  };
}

/** Runs the suite of release 1.1 with all its workflows. */
export async function runReleased(url: URL, folder: string): Promise<Counts> {
  await released.run([], {
    cwd: folder,
    environment: {
      OCI_ROOT_URL: url.origin,
      OCI_NAMESPACE: "conformance/one",
      OCI_CROSSMOUNT_NAMESPACE: "conformance/two",
      OCI_AUTOMATIC_CROSSMOUNT: "1",
      OCI_TEST_PULL: "1",
      OCI_TEST_PUSH: "1",
      OCI_TEST_CONTENT_DISCOVERY: "1",
      OCI_TEST_CONTENT_MANAGEMENT: "1",
    },
    statuses: [0, 1],
  });
  const report = await readFile(join(folder, "junit.xml"), "utf8");
  const results = [
    ...report.matchAll(
      /<testcase name="OCI Distribution Conformance Tests ([^"]*)"[^>]* status="(\w+)"/g,
    ),
  ];
  const named = (...states: string[]) =>
    results.filter(([, , state]) => states.includes(state!)).map(([, name]) => unescaped(name!));
  const passed = named("passed");
  const left = named("skipped", "pending");
  const failed = results
    .map(([, name]) => unescaped(name!))
    .filter((name) => ![...passed, ...left].includes(name));
  return { passed: passed.length, failed, left };
}

function unescaped(text: string): string {
  return text.replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

/** The specs of release 1.1 that are always skipped, and why: each is one side of an alternative. */
export const alwaysSkipped: Readonly<Record<string, string>> = {
  "Pull Setup Get tag name from environment":
    "for a registry that was filled beforehand; ours is filled by the suite",
  "Push Cross-Repository Blob Mount Cross-mounting of nonexistent blob should yield session id":
    "for a registry that refused the mount before it; ours does mount",
  "Push Cross-Repository Blob Mount Cross-mounting without from, and automatic content discovery disabled should return a 202":
    "for a registry that cannot mount without `from`; ours can, which the spec before it tests",
  "Content Discovery Setup Populate registry with test tags (no push)":
    "for a registry that was filled beforehand; ours is filled by the suite",
};
