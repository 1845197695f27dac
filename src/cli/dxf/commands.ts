/** dxf's commands, and the words that each takes behind the repository. */
import { listAliases, listRepositories, printToken } from "./listing.ts";
import { blobSize, getAlias, getDigest, getManifest, pullBlob } from "./reading.ts";
import type { Session } from "./session.ts";
import { deleteAlias, deleteBlob, mountBlob, pushBlob, setAlias } from "./writing.ts";

export interface DxfCommand {
  /** Words behind its name. */
  readonly usage: string;
  readonly about: string;
  /** Whether it is about the registry, not about a repository of it. */
  readonly whole?: boolean;
  /** Words behind the repository, at least. @default 0 */
  readonly least?: number;
  /** At most. @default any number */
  readonly most?: number;
  /** Which of them, counted from 0, is an `@ALIAS`. */
  readonly alias?: number;
  /** Whether it takes a manifest from standard input where no words follow. */
  readonly stdin?: boolean;
  run(session: Session): Promise<void>;
}

export const commands: Readonly<Record<string, DxfCommand>> = {
  "push-blob": {
    usage: "REPO FILE [@ALIAS]",
    about: "stores a file and prints its digest",
    least: 1,
    most: 2,
    alias: 1,
    run: pushBlob,
  },
  "pull-blob": {
    usage: "REPO DIGEST|@ALIAS…",
    about: "writes blobs to standard output",
    stdin: true,
    run: pullBlob,
  },
  "blob-size": {
    usage: "REPO DIGEST|@ALIAS…",
    about: "prints sizes, of an alias the sum",
    stdin: true,
    run: blobSize,
  },
  "mount-blob": {
    usage: "REPO FROM DIGEST [@ALIAS]",
    about: "takes a blob over from repository FROM",
    least: 2,
    most: 3,
    alias: 2,
    run: mountBlob,
  },
  "del-blob": {
    usage: "REPO DIGEST|@ALIAS…",
    about: "deletes blobs, and an alias with its blobs",
    stdin: true,
    run: deleteBlob,
  },
  "set-alias": {
    usage: "REPO ALIAS DIGEST|FILE…",
    about: "names blobs (a FILE has a / in its name)",
    least: 2,
    run: setAlias,
  },
  "get-alias": {
    usage: "REPO ALIAS…",
    about: "prints the digests of the blobs",
    stdin: true,
    run: getAlias,
  },
  "del-alias": {
    usage: "REPO ALIAS…",
    about: "deletes names, prints their digests",
    run: deleteAlias,
  },
  "get-digest": {
    usage: "REPO ALIAS…",
    about: "prints the digest of the configuration",
    stdin: true,
    run: getDigest,
  },
  "get-manifest": {
    usage: "REPO ALIAS…",
    about: "prints manifests as they are stored",
    run: getManifest,
  },
  "list-aliases": {
    usage: "REPO",
    about: "prints the names",
    most: 0,
    run: listAliases,
  },
  "list-repos": {
    usage: "",
    about: "prints the repositories of the registry",
    whole: true,
    run: listRepositories,
  },
  auth: {
    usage: "REPO ACTION…",
    about: "prints a token for pull, push or *",
    run: printToken,
  },
};
