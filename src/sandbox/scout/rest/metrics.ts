/** The exporter's metrics. Source: Docker Scout, "Docker Scout metrics exporter"; Prometheus, "Exposition formats". */
import type { Account } from "../../accounts/accounts.ts";
import type { Asked } from "../asked.ts";
import { countsOf } from "../fields/policies.ts";
import { countOf } from "../images/analysis.ts";
import { findingsOfStream, imagesOfStream, streamsOf } from "../images/stream.ts";
import { policies } from "../policies/policies.ts";
import { severityOf } from "../vulnerabilities/database.ts";

export async function metricsOf(asked: Asked, organization: Account): Promise<string> {
  const vulnerabilities: string[] = [];
  const compliant: string[] = [];
  const evaluated: string[] = [];
  for (const streamName of streamsOf(asked, organization)) {
    const found = await findingsOfStream(asked, organization, streamName);
    const { total: _, ...counts } = countOf(
      found.map(({ cve, package: { purl } }) => [`${cve.id} ${purl}`, severityOf(cve)]),
    );
    for (const [severity, count] of Object.entries(counts))
      vulnerabilities.push(sample("scout_stream_vulnerabilities", { streamName, severity }, count));
    const images = await imagesOfStream(asked, organization, streamName);
    for (const policy of policies) {
      const results = await countsOf(asked, organization, policy, images);
      const labels = { id: policy.name, displayName: policy.displayName, streamName };
      compliant.push(sample("scout_policy_compliant_images", labels, results.compliantImages));
      const count = results.totalImages - results.unknownImages;
      evaluated.push(sample("scout_policy_evaluated_images", labels, count));
    }
  }
  return [
    "# HELP scout_stream_vulnerabilities Vulnerabilities in a stream",
    "# TYPE scout_stream_vulnerabilities gauge",
    ...vulnerabilities,
    "# HELP scout_policy_compliant_images Images of a stream that comply with a policy",
    "# TYPE scout_policy_compliant_images gauge",
    ...compliant,
    "# HELP scout_policy_evaluated_images Images of a stream that a policy was evaluated for",
    "# TYPE scout_policy_evaluated_images gauge",
    ...evaluated,
    "",
  ].join("\n");
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const text = Object.entries(labels)
    .map(([label, each]) => `${label}="${each.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`)
    .join(",");
  return `${name}{${text}} ${value}`;
}
