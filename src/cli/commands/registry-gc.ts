import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";

export default command({
  arguments: [],
  flags: {
    store: {
      about: "Folder of the registry, as `wharf registry serve` was given it",
      value: "DIR",
      preset: "wharf-registry",
    },
    untagged: {
      about: "Also manifests that no tag leads to, directly, by an index or as what they refer to",
    },
    "unreferenced-blobs": {
      about:
        "Also blobs that no manifest ever named: given-up uploads, but also dxf's without alias",
    },
    grace: {
      about: "What was pushed, mounted, looked at or untagged so lately stays",
      value: "TIME",
      preset: "24h",
    },
    "upload-expiry": {
      about: "Forget uploads that nothing was added to for so long",
      value: "TIME",
      preset: "7d",
    },
    verify: {
      about: "First read every blob; mend what is damaged from a good copy, or set it aside",
    },
    "dry-run": { about: "Only show what would be freed", short: "n" },
  },
  about:
    "Frees what manifests named that were deleted; with --untagged also what lost its tags. Safe beside a `wharf registry serve` of this machine, and while it is pushed to. Signatures and other referrers live and go with their subject. Exit status 1 where something is damaged and not mended.",
  examples: [
    { command: "wharf registry gc --untagged --dry-run", does: "What would be freed?" },
    {
      command: "wharf registry gc --store ./registry --untagged --grace 7d",
      does: "What lost its tag more than a week ago",
    },
    {
      command: "wharf registry gc --store ./registry --verify",
      does: "Check every blob after a disk has failed",
    },
  ],
  async run({ flags, output, signal }) {
    const grace = parseDuration("grace", flags.grace, { zero: true });
    const uploadAge = parseDuration("upload-expiry", flags["upload-expiry"], { zero: true });
    const { "dry-run": dryRun, untagged, "unreferenced-blobs": unreferencedBlobs } = flags;
    const [{ openCollection }, telling] = await Promise.all([
      import("../../store/collection/collection.ts"),
      import("../collecting.ts"),
    ]);
    const collection = await openCollection(flags.store, { create: false, uploadAge: Infinity });
    try {
      const uploads = await collection.expireUploads(uploadAge, { dryRun });
      const verified = flags.verify ? await collection.verify({ dryRun, signal }) : undefined;
      const options = { untagged, unreferencedBlobs, grace, dryRun, signal };
      const collected = await collection.collectGarbage(options);
      const result = { collected, uploads, verified, dryRun };
      if (output.json) await output.value(telling.collectedValue(result));
      else {
        for (const line of verified ? telling.damageLines(verified, output.columns) : [])
          await output.line(line);
        for (const line of telling.collectedLines(result, output.columns)) await output.line(line);
        if (verified) output.note(telling.damageSummary(verified, dryRun));
        output.note(telling.collectedSummary(result));
      }
      for (const { name, digest } of collected.unreadable)
        output.warn(`${name}: the manifest ${digest} cannot be read, so its blobs were left alone`);
      const bad = verified?.damaged.some(({ outcome }) => outcome !== "mended") ?? false;
      return bad || collected.unreadable.length > 0 ? 1 : 0;
    } finally {
      await collection.close();
    }
  },
});
