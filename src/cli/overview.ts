/** `wharf --help`, which most people call first: it has a bundle of its own, since that of all commands takes as long to read as Node to start. */
import { overview } from "./help.ts";

/** Prints the list of commands. */
export function printOverview(): void {
  // Whoever reads us may stop early (`| head`); that is no failure.
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit(0);
    process.stderr.write(`wharf: standard output: ${message}\n`);
    process.exit(1);
  });
  process.stdout.write(`${overview()}\n`);
}
