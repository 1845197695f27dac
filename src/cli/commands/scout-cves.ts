import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { organizationFlag } from "../scout/flags.ts";
import { platformFlag } from "../shared-flags.ts";

const levels = ["critical", "high", "medium", "low", "unspecified"] as const;

export default command({
  arguments: [{ name: "IMAGE", about: "Image with tag or digest, or a digest alone" }],
  flags: {
    org: organizationFlag,
    platform: platformFlag,
    severity: {
      about: "Only these severities",
      value: "SEVERITY",
      repeated: true,
      choices: [...levels],
    },
    fixable: { about: "Only what a newer version of the package mends" },
    "exit-code": { about: "End with status 1 where something was found" },
  },
  about:
    "Of an image with several platforms, linux/amd64 unless --platform says another. A tag is asked of its registry by one HEAD request; nothing counts as a pull. Docker does not describe the API behind it: it may change.",
  examples: [
    { command: "wharf scout cves nginx:1.27", does: "What is wrong with it, the worst first" },
    {
      command:
        "wharf scout cves acme/app:v2 --org acme \\\n    --severity critical --severity high --fixable --exit-code",
      does: "Fails a pipeline where something can be mended",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const wrong = flags.severity.find((each) => !levels.some((level) => level === each));
    if (wrong !== undefined)
      throw usage(`--severity is one of ${levels.join(", ")}, not '${wrong}'`);
    const [
      { openScout },
      { digestOfImage, imageFor, imagesOf },
      severity,
      print,
      { platformText },
    ] = await Promise.all([
      import("../scout/open.ts"),
      import("../scout/image.ts"),
      import("../scout/severity.ts"),
      import("../format.ts"),
      import("../scout/platform.ts"),
    ]);
    const text = words[0]!;
    const organization = flags.org === undefined ? {} : { organization: flags.org };
    const digest = await digestOfImage(call, text);
    const scout = await openScout(call);
    const images = await imagesOf(scout, text, { digest, ...organization }, signal);
    const image = imageFor(images, text, flags.platform);
    const answer = await scout.imageCves(
      { digest: image.digest, ...organization, includePublic: true },
      { signal },
    );
    const findings = severity
      .findingsIn(answer)
      .filter((each) => flags.severity.length === 0 || flags.severity.includes(each.severity))
      .filter(({ fixedBy }) => !flags.fixable || fixedBy !== undefined);
    const counts = severity.countsOf(findings);
    const platform = platformText(image.platform);
    const status = flags["exit-code"] && findings.length > 0 ? 1 : 0;

    if (output.json) {
      await output.value({ image: text, digest: image.digest, platform, counts, findings });
      return status;
    }
    const shown = findings.map((each) => [
      each.severity.toUpperCase(),
      each.exploited ? `${each.cve} !` : each.cve,
      each.score === undefined ? "" : each.score.toFixed(1),
      `${each.name} ${each.version}`.trim(),
      each.fixedBy ?? "",
    ]);
    const titles = ["SEVERITY", "CVE", "SCORE", "PACKAGE", "FIXED BY"].map((title) => ({ title }));
    if (shown.length > 0)
      for (const line of print.formatTable(titles, shown))
        await output.line(output.stdout.isTTY ? print.cut(line, output.columns) : line);
    const all = levels.map((level) => `${counts[level]} ${level}`).join(", ");
    output.note(
      findings.length === 0
        ? `Nothing was found in ${text} ${platform}`.trim()
        : `${all}${findings.some(({ exploited }) => exploited) ? "; ! is exploited, says CISA" : ""}`,
    );
    return status;
  },
});
