/** The tables of a catalogue, as what makes a catalogue of each version one of the next. */

/**
 * `changed` counts the changes of a repository, `projected` is the count that its `index.json` shows.
 * `referrer` is how a listing of referrers describes the manifest, as JSON.
 * `listings` are the indexes of referrers made for other tools; `stale` is the count at which one must be made anew.
 */
const first = `
  CREATE TABLE repositories (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    changed INTEGER NOT NULL DEFAULT 1, projected INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE manifests (
    repository INTEGER NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    subject TEXT, referrer TEXT, UNIQUE (repository, digest)) STRICT;
  CREATE INDEX manifests_subject ON manifests (repository, subject) WHERE subject IS NOT NULL;
  CREATE TABLE children (
    repository INTEGER NOT NULL, digest TEXT NOT NULL, parent TEXT NOT NULL,
    PRIMARY KEY (repository, digest, parent)) STRICT, WITHOUT ROWID;
  CREATE INDEX children_parent ON children (repository, parent);
  CREATE TABLE tags (
    repository INTEGER NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (repository, name)) STRICT, WITHOUT ROWID;
  CREATE INDEX tags_digest ON tags (repository, digest);
  CREATE TABLE listings (
    repository INTEGER NOT NULL, subject TEXT NOT NULL, descriptor TEXT, stale INTEGER NOT NULL,
    PRIMARY KEY (repository, subject)) STRICT, WITHOUT ROWID;
`;

/**
 * What the garbage collector asks.
 *
 * `uses` has the blobs that a manifest names, so that whether a blob is needed is one look, true in the same transaction
 * as its removal. `noted` says whether it has those of a manifest: not yet of manifests from before.
 * `released` has what a manifest named that is gone, and the manifest's own bytes (`manifest` is 1). Only that is looked
 * at: a blob that no manifest ever named is not garbage.
 * `since` (milliseconds since 1970) is when a manifest was pushed, or last lost a tag. `changed` is the repository's
 * count when it last got or lost a name, or one that names it: what changed while the collector was looking.
 */
const collected = `
  DROP INDEX manifests_subject;
  ALTER TABLE manifests RENAME TO manifests_before;
  CREATE TABLE manifests (
    id INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    subject TEXT, referrer TEXT,
    since INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0, noted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (repository, digest)) STRICT;
  INSERT INTO manifests (id, repository, digest, media_type, size, subject, referrer)
    SELECT rowid, repository, digest, media_type, size, subject, referrer FROM manifests_before;
  DROP TABLE manifests_before;
  CREATE INDEX manifests_subject ON manifests (repository, subject) WHERE subject IS NOT NULL;
  CREATE INDEX manifests_unnoted ON manifests (repository) WHERE noted = 0;
  CREATE TABLE uses (
    repository INTEGER NOT NULL, digest TEXT NOT NULL, manifest INTEGER NOT NULL,
    PRIMARY KEY (repository, digest, manifest)) STRICT, WITHOUT ROWID;
  CREATE INDEX uses_manifest ON uses (manifest);
  CREATE TABLE released (
    repository INTEGER NOT NULL, digest TEXT NOT NULL, manifest INTEGER NOT NULL,
    PRIMARY KEY (repository, digest)) STRICT, WITHOUT ROWID;
`;

/**
 * What a collector is about to remove, blobs and manifests, for the moment in which it looks at them for the last time;
 * and what one that was killed was about to remove. See `retiring.ts`.
 */
const announced = `
  CREATE TABLE retiring (
    repository INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (repository, digest)) STRICT, WITHOUT ROWID;
`;

/** Each makes a catalogue of the version that is its place in the list one of the next version. */
export const steps: readonly string[] = [first, collected, announced];
