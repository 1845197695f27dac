/** Files of `skopeo sync --src yaml`. Source: skopeo-sync(1). */
import { configError } from "../../config/fields.ts";
import { isError } from "../../errors.ts";
import { parseReference } from "../../reference/reference.ts";
import type { YamlText } from "../document.ts";
import { fromGo } from "./expression.ts";
import { Fields } from "./fields.ts";
import { noteTls } from "./hosts.ts";
import { fromSkopeo } from "./versions.ts";
import { Notes, type Translation, write, type WrittenEntry } from "./written.ts";

/** What stands on skopeo's command line, and not in the file. */
export interface SkopeoOptions {
  /** DESTINATION: `HOST[/PREFIX]` or `oci:DIR`. */
  readonly target: string;
  /** `--scoped`: repositories keep their whole name, with that of the registry. */
  readonly scoped?: boolean;
  /** `--all`: indexes stay whole; else there is the image for this machine. */
  readonly all?: boolean;
}

/** @throws WharfError CONFIG_INVALID for what makes no sense, or cannot be translated */
export function translateSkopeo(yaml: YamlText, options: SkopeoOptions): Translation {
  const top = new Fields(yaml, [], yaml.value);
  const notes = new Notes();
  const sync = top.names.flatMap((registry) =>
    readRegistry(registry, top.fields(registry), options, notes),
  );
  if (sync.length === 0) throw configError(top.where(), "names no images");
  const defaults = {
    ...(!options.all && { platforms: ["local"] }),
    // skopeo leaves what is attached to an image behind.
    referrers: false,
  };
  notes.add("Signatures stay behind, as with skopeo; without `referrers: false` they go along.");
  return { text: write({ defaults, sync }, "skopeo sync", notes.all), notes: notes.all };
}

function readRegistry(
  registry: string,
  fields: Fields,
  options: SkopeoOptions,
  notes: Notes,
): WrittenEntry[] {
  const entries: WrittenEntry[] = [];
  const add = (group: Fields, repository: string, rest: Partial<WrittenEntry>) => {
    try {
      entries.push({ ...placesOf(registry, repository, options), ...rest });
    } catch (error) {
      if (!isError(error)) throw error;
      throw configError(group.where(repository), error.message, error.hint);
    }
  };
  const images = fields.fields("images");
  for (const repository of images.names) {
    const tags = images.list(repository);
    add(images, repository, {
      ...(tags.length > 0 && { tags: tags.length === 1 ? tags[0] : tags }),
      // Without tags all are taken, and signatures have tags.
      ...(tags.length === 0 && { referrers: "always" }),
    });
  }
  const matched = fields.fields("images-by-tag-regex");
  for (const repository of matched.names) {
    const expression = matched.text(repository) ?? "";
    try {
      add(matched, repository, { tags: { match: fromGo(expression) } });
    } catch (error) {
      if (!isError(error) || error.code === "CONFIG_INVALID") throw error;
      throw configError(matched.where(repository), error.message, error.hint);
    }
  }
  const ranged = fields.fields("images-by-semver");
  for (const repository of ranged.names) {
    const { semver, exclude } = fromSkopeo(ranged.text(repository) ?? "");
    const filter = { semver, ...(exclude.length > 0 && { exclude: [...exclude] }) };
    add(ranged, repository, { tags: filter });
  }
  const credentials = fields.fields("credentials");
  if (credentials.names.length > 0) notes.add(`Sign in to ${registry}: wharf login ${registry}.`);
  if (fields.flag("tls-verify") === false) noteTls(registry, true, notes);
  if (fields.text("cert-dir"))
    notes.add(`${registry}: cert-dir is \`ca\`, \`cert\` and \`key\` of the configuration.`);
  for (const field of fields.others) notes.add(`${registry}: ${field} is left out.`);
  return entries;
}

/** skopeo puts the last part of a name behind the destination; scoped, all of it. */
function placesOf(registry: string, repository: string, { target, scoped }: SkopeoOptions) {
  const source = parseReference(`${registry}/${repository}`);
  const whole = `${source.registry}/${source.repository}`;
  const last = source.repository.slice(source.repository.lastIndexOf("/") + 1);
  return { source: whole, target: `${target.replace(/\/$/, "")}/${scoped ? whole : last}` };
}
