/** https: the certificate, read again on SIGHUP. */
import { printable } from "../format.ts";
import type { Flag, FlagValues } from "../command.ts";
import { usage } from "../flags.ts";
import type { Output } from "../output.ts";
import { messageOf } from "./log.ts";
import type { Part } from "./part.ts";

export const tlsFlags = {
  "tls-cert": {
    about: "Serve https with this certificate, its chain below it (PEM); SIGHUP reads it again",
    value: "FILE",
  },
  "tls-key": { about: "Key of the certificate (PEM)", value: "FILE" },
} as const satisfies Record<string, Flag>;

/** @throws WharfError USAGE, CONFIG_INVALID, FILE_NOT_FOUND, FILE_FAILED */
export async function tlsPart(flags: FlagValues<typeof tlsFlags>, output: Output): Promise<Part> {
  const { "tls-cert": cert, "tls-key": key } = flags;
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined) throw usage("--tls-key needs --tls-cert");
  if (key === undefined) throw usage("--tls-cert needs --tls-key");
  const { readCertificate } = await import("../../server/certificate.ts");
  let onHangUp = () => {};
  return {
    options: { tls: await readCertificate(cert, key) },
    started(server) {
      onHangUp = () =>
        void readCertificate(cert, key)
          .then((tls) => server.renew(tls))
          .then(
            () => output.say(`The certificate was read again`),
            (error: unknown) =>
              output.warn(`${printable(messageOf(error))}; the old certificate holds on`),
          );
      process.on("SIGHUP", onHangUp);
    },
    close: async () => void process.off("SIGHUP", onHangUp),
  };
}
