/** What the command costs before it does anything. */
import type { Line } from "../line.ts";
import { wharf } from "../peers.ts";

const line = (word: string): Line => ({
  title: `wharf ${word}`,
  rounds: 21,
  warmUp: 2,
  async prepare() {
    const contenders = [
      { name: "wharf", command: () => wharf(word) },
      { name: "node -e 0", command: () => [process.execPath, "-e", "0"] },
    ];
    return { contenders, close: async () => {} };
  },
});

export const version = line("--version");
export const help = line("--help");
