/** An output whose words stay here. */
import { Writable } from "node:stream";
import { Output } from "../output.ts";

interface Options {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Whether both streams are terminals. */
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** @returns the output, and what has been written */
export function fakeOutput({
  json = false,
  quiet = false,
  terminal = false,
  columns = 80,
  environment = {},
}: Options = {}) {
  const said = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => {
    const sink = new Writable({
      write(data: Buffer, _encoding, done) {
        said[name] += data.toString();
        done();
      },
    });
    return Object.assign(
      sink,
      terminal && { isTTY: true, columns },
    ) as unknown as NodeJS.WriteStream;
  };
  const output = new Output({
    json,
    quiet,
    environment,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  });
  return { output, said };
}
