/** What the commands for artifacts have in common: which files, which annotations, how far it is. */
import { isError, WharfError } from "../errors.ts";
import type {
  ArtifactFile,
  FileEvent,
  OnFile,
  PushArtifactOptions,
  PushedArtifact,
} from "../image/artifacts/index.ts";
import { isMediaType } from "../image/artifacts/terms.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { formatLocation, type Location } from "../reference/location.ts";
import { streamSource } from "../store/sources.ts";
import type { Call } from "./call.ts";
import { usage, wholeNumber } from "./flags.ts";
import { count, formatBytes, formatDuration } from "./format.ts";

/** Flags of `push` and `attach`. */
export const artifactFlags = {
  annotation: {
    about: "Annotation of the manifest",
    value: "KEY=VALUE",
    short: "a",
    repeated: true,
  },
  "annotation-file": {
    about: 'JSON: {"$manifest": {KEY: VALUE}, "$config": {…}, "FILE": {…}}',
    value: "FILE",
  },
  config: { about: "Configuration, in place of an empty one", value: "FILE[:TYPE]" },
  title: { about: "What standard input is called", value: "NAME" },
  jobs: { about: "Files on their way at once", value: "N", preset: "6" },
} as const;

export const fileArgument = {
  name: "FILE",
  about: "File, folder, or - for standard input; a media type may follow: FILE:TYPE",
  optional: true,
  repeated: true,
} as const;

interface ArtifactWords {
  readonly annotation: readonly string[];
  readonly "annotation-file": string | undefined;
  readonly config: string | undefined;
  readonly title: string | undefined;
  readonly jobs: string;
}

/** What words and flags ask to be pushed. */
export interface Wanted {
  readonly files: readonly ArtifactFile[];
  readonly options: Pick<
    PushArtifactOptions,
    "annotations" | "config" | "configAnnotations" | "epoch" | "concurrency" | "signal"
  >;
}

/** @throws WharfError USAGE, FILE_NOT_FOUND, CONFIG_INVALID */
export async function readWanted(
  call: Call,
  words: readonly string[],
  flags: ArtifactWords,
): Promise<Wanted> {
  const file = flags["annotation-file"];
  const noted = file === undefined ? new Map<string, Annotations>() : await readNotes(call, file);
  const used = new Set(["$manifest", "$config"]);
  const annotationsOf = (path: string) => {
    const names = [path, path.replace(/^\.\//, "").replace(/(?<=.)\/$/, "")];
    const name = names.find((one) => noted.has(one));
    if (name === undefined) return {};
    used.add(name);
    return { annotations: noted.get(name)! };
  };
  const inputs = words.filter((word) => splitType(word).path === "-");
  const configured = flags.config === undefined ? undefined : splitType(flags.config);
  if (inputs.length + Number(configured?.path === "-") > 1)
    throw usage("Standard input can be read only once");
  if (flags.title !== undefined && inputs.length === 0)
    throw usage("--title names standard input, which is not among the files");
  const read = (word: string, title?: string): ArtifactFile => {
    const { path, mediaType } = splitType(word);
    const more = { ...(mediaType !== undefined && { mediaType }), ...annotationsOf(path) };
    if (path !== "-") return { path, ...more };
    if (title === undefined)
      throw usage("Standard input has no name of its own", "Give it one with --title NAME.");
    return { source: streamSource(call.stdin), title, ...more };
  };
  const files = words.map((word) => read(word, flags.title));
  const config = flags.config === undefined ? undefined : read(flags.config, "configuration");
  const surplus = [...noted.keys()].find((name) => !used.has(name));
  if (surplus !== undefined) call.output.warn(`${file}: no file is called '${surplus}'`);
  const ofConfig = noted.get("$config");
  const epoch = readEpoch(process.env.SOURCE_DATE_EPOCH);
  return {
    files,
    options: {
      annotations: { ...noted.get("$manifest"), ...readAnnotations(flags.annotation) },
      ...(config && { config: ofConfig ? { ...config, annotations: ofConfig } : config }),
      ...(ofConfig && { configAnnotations: ofConfig }),
      ...(epoch !== undefined && { epoch }),
      concurrency: wholeNumber("jobs", flags.jobs, { from: 1, to: 64 }),
      signal: call.signal,
    },
  };
}

/** `FILE:TYPE`; an end that is no media type belongs to the path, and a colon at the end keeps others in it. */
export function splitType(word: string): { readonly path: string; readonly mediaType?: string } {
  const colon = word.lastIndexOf(":");
  if (colon < 1) return { path: word };
  const type = word.slice(colon + 1);
  if (type === "") return { path: word.slice(0, colon) };
  return isMediaType(type) ? { path: word.slice(0, colon), mediaType: type } : { path: word };
}

type Annotations = Readonly<Record<string, string>>;

function readAnnotations(words: readonly string[]): Annotations {
  const pairs = words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 1) throw usage(`'${word}' is no annotation`, "Write --annotation KEY=VALUE.");
    return [word.slice(0, equals), word.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

/** Bytes; a manifest, where it all goes, has no more. */
const notesLimit = 4 << 20;

async function readNotes(call: Call, file: string): Promise<Map<string, Annotations>> {
  const [{ readInput }, { diskError }] = await Promise.all([
    import("./input.ts"),
    import("../store/disk/failure.ts"),
  ]);
  const bytes = await readInput(call, file, notesLimit).catch((error: unknown) => {
    throw diskError(error, file);
  });
  const wrong = (why: string) =>
    usage(`${file}: ${why}`, 'It is {"$manifest": {"KEY": "VALUE"}, "FILE": {"KEY": "VALUE"}}.');
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw wrong(`is not JSON: ${(error as Error).message}`);
  }
  if (!isMap(document)) throw wrong("is not a JSON object");
  const notes = new Map<string, Annotations>();
  for (const [name, annotations] of Object.entries(document)) {
    const texts = isMap(annotations) && Object.values(annotations).every(isText);
    if (!texts) throw wrong(`'${name}' is not an object of texts`);
    notes.set(name, annotations as Annotations);
  }
  return notes;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown) => typeof value === "string";

/** Seconds since 1970 (reproducible-builds.org, "SOURCE_DATE_EPOCH specification"). @throws WharfError CONFIG_INVALID */
export function readEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  // The last second of the year 9999: more is no date.
  if (/^\d{1,12}$/.test(text) && Number(text) <= 253_402_300_799) return Number(text);
  throw new WharfError("CONFIG_INVALID", `SOURCE_DATE_EPOCH is '${text}'`, {
    hint: "It is a whole number of seconds since 1970.",
  });
}

/**
 * Runs with bars or lines for the files; an interruption says how far it came, and how to go on.
 * @returns also how many files were there already
 */
export async function withProgress<Result>(
  call: Call,
  kept: string,
  work: (onEvent: OnFile) => Promise<Result>,
): Promise<{ readonly result: Result; readonly there: number }> {
  const progress = await call.progress();
  let there = 0;
  const show = ({ state, title, size, bytes }: FileEvent) => {
    const whole = size < 0 ? undefined : size;
    if (state === "exists") there += 1;
    if (!progress) return;
    if (state === "packing") return progress.update(`packing ${title}`, bytes);
    if (state === "found") return progress.expect(title, whole);
    progress.finish(`packing ${title}`);
    if (state === "progress") progress.update(title, bytes, whole);
    else progress.finish(title);
  };
  try {
    return { result: await work(show), there };
  } catch (error) {
    if (!isError(error, "INTERRUPTED")) throw error;
    const { through = 0, all = 0 } = progress?.sum ?? {};
    const far = through > 0 ? ` after ${formatBytes(through)} of ${formatBytes(all)}` : "";
    const hint = `Run the same again to go on: ${kept}.`;
    throw new WharfError("INTERRUPTED", `Interrupted${far}`, { hint, cause: error });
  } finally {
    progress?.stop();
  }
}

/** Prints what was pushed. */
export async function printPushed(
  { output }: Call,
  location: Location,
  pushed: PushedArtifact,
  { there, started }: { readonly there: number; readonly started: number },
): Promise<void> {
  const { descriptor, artifactType, annotations, layers, tags, subject } = pushed;
  const { digest } = descriptor;
  if (output.json)
    return output.value({
      reference: `${nameIn(location)}@${digest}`,
      tags,
      ...descriptor,
      artifactType,
      annotations,
      ...(subject && { subject }),
      files: filesOf(layers),
    });
  const names = tags.length > 0 ? tags.map((tag) => nameIn(location, tag)) : [nameIn(location)];
  for (const name of names) await output.line(`${name}@${digest}`);
  const files = filesOf(layers);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  output.note(summaryOf(files.length, bytes, there, started));
}

/** `2 files, 1.1 GiB, 1 there already, 9.3 s` */
export function summaryOf(files: number, bytes: number, there: number, started: number): string {
  const parts = [
    files === 0 ? "No files" : `${count(files, "file")}, ${formatBytes(bytes)}`,
    there > 0 && `${there} there already`,
    formatDuration(performance.now() - started),
  ];
  return parts.filter(Boolean).join(", ");
}

const titleKey = "org.opencontainers.image.title";

const filesOf = (layers: readonly Descriptor[]) =>
  layers.flatMap(({ mediaType, digest, size, annotations }) => {
    const title = annotations?.[titleKey];
    return title === undefined ? [] : [{ title, mediaType, digest, size, annotations }];
  });

/** A location with a tag or none, without its digest. */
export function nameIn(location: Location, tag?: string): string {
  const named = tag === undefined ? {} : { tag };
  if (location.transport === "docker") {
    const { registry, repository } = location.reference;
    return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}`;
  }
  if (location.transport === "docker-daemon") return formatLocation(location);
  const { transport, path } = location;
  return formatLocation({ transport, path, ...named } as Location);
}
