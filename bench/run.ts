/**
 * `npm run bench [WORD…]`: measures every line whose title holds all the words, and prints a table of ratios.
 * A ratio above 1 says that ours takes less than the peer; figures are medians of whole processes, taken in turn.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import * as blob from "./lines/blob.ts";
import * as collect from "./lines/collect.ts";
import * as copy from "./lines/copy.ts";
import * as exporting from "./lines/export.ts";
import * as hub from "./lines/hub.ts";
import * as listing from "./lines/listing.ts";
import * as sandbox from "./lines/sandbox.ts";
import * as start from "./lines/start.ts";
import * as sync from "./lines/sync.ts";
import type { Line } from "./line.ts";
import { measure, type Measured } from "./measure.ts";
import { MiB } from "./units.ts";

const lines: readonly Line[] = [
  start.version,
  start.help,
  blob.pull,
  blob.push,
  copy.largeBetweenRegistries,
  copy.largeIntoLayout,
  copy.smallBetweenRegistries,
  copy.nothingToDo,
  exporting.files,
  listing.tags,
  collect.garbage,
  sync.fresh,
  sync.unchanged,
  hub.help,
  hub.smallCalls,
  hub.ownTypes,
  hub.consumer,
  sandbox.startSmall,
  sandbox.startLarge,
  sandbox.reading,
];

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const file = process.argv.find((word) => word.startsWith("--output="))?.slice("--output=".length);
if (file) writeFileSync(file, "");
const print = (text: string) => {
  console.log(text);
  if (file) appendFileSync(file, `${text}\n`);
};

print(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n`);
print("| work | who | wall s | ratio | CPU s | ratio | memory MiB |");
print("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
for (const line of lines.filter(({ title }) => words.every((word) => title.includes(word)))) {
  const { contenders, notes, close } = await line.prepare();
  try {
    const measured = await measure(contenders, line);
    for (const row of table(line.title, measured)) print(row);
    for (const note of (await notes?.()) ?? []) print(`| | ${note} | | | | | |`);
  } finally {
    await close();
  }
}

function table(title: string, measured: readonly Measured[]): string[] {
  const ours = measured[0]!.median;
  return measured.map(({ name, median, failed }, i) => {
    if (failed)
      return `| ${i ? "" : title} | ${name} | failed: ${failed.replaceAll(/[|\n]/g, " ").slice(0, 120)} | | | | |`;
    const ratio = (key: "wall" | "cpu") => (i ? `${(median[key] / ours[key]).toFixed(2)} ×` : "");
    const figures = [median.wall.toFixed(3), ratio("wall"), median.cpu.toFixed(2), ratio("cpu")];
    return `| ${i ? "" : title} | ${name} | ${figures.join(" | ")} | ${Math.round(median.memory / MiB)} |`;
  });
}
