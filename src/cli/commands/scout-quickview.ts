import { command } from "../command.ts";
import { organizationFlag } from "../scout/flags.ts";

export default command({
  arguments: [{ name: "IMAGE", about: "Image with tag or digest, or a digest alone" }],
  flags: { org: organizationFlag },
  about:
    "Counts by severity: critical, high, medium, low, and unspecified (?). A tag is asked of its registry by one HEAD request; nothing counts as a pull. Docker does not describe the API behind it: it may change.",
  examples: [
    { command: "wharf scout quickview nginx:1.27", does: "Every platform of an image" },
    { command: "wharf scout quickview acme/app:v2 --org acme", does: "A private one" },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const [{ openScout }, { digestOfImage, imagesOf }, { printTable }] = await Promise.all([
      import("../scout/open.ts"),
      import("../scout/image.ts"),
      import("../hub/print.ts"),
    ]);
    const text = words[0]!;
    const digest = await digestOfImage(call, text);
    const scout = await openScout(call);
    const organization = flags.org === undefined ? {} : { organization: flags.org };
    const images = await imagesOf(scout, text, { digest, ...organization }, signal);
    if (output.json) return output.value({ image: text, digest, images });
    await printTable(call, { id: "scout.imageDetails" }, images, {});
    if (images.some(({ vulnerabilityReport }) => !vulnerabilityReport))
      output.note("What has no counts was not analysed yet");
  },
});
