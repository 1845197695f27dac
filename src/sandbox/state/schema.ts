/**
 * The tables of the sandbox. Times are ISO 8601 in UTC with six decimals, as Docker Hub tells them, so that text sorts by time.
 * Whatever is changed here, folders of earlier versions follow (`migrate.ts`) and their snapshots, too, as long as a new column may
 * be null or has a `DEFAULT`.
 */

import { scoutTables } from "../scout/tables.ts";

export const schema = `
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS accounts (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL CHECK (type IN ('User', 'Organization')),
  full_name TEXT NOT NULL DEFAULT '',
  company TEXT NOT NULL DEFAULT '',
  location TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  badge TEXT NOT NULL DEFAULT 'none',
  plan TEXT NOT NULL DEFAULT 'free',
  joined TEXT NOT NULL,
  password TEXT,
  totp TEXT,
  totp_step INTEGER NOT NULL DEFAULT 0,
  last_login TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS members (
  org INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'member')),
  joined TEXT NOT NULL,
  PRIMARY KEY (org, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS teams (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  org INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  UNIQUE (org, name)
) STRICT;
CREATE TABLE IF NOT EXISTS team_members (
  team INTEGER NOT NULL REFERENCES teams ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  PRIMARY KEY (team, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invites (
  id TEXT PRIMARY KEY,
  org INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  inviter INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  invitee TEXT NOT NULL,
  team TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL,
  created TEXT NOT NULL,
  sent INTEGER NOT NULL DEFAULT 1,
  UNIQUE (org, invitee)
) STRICT;
CREATE TABLE IF NOT EXISTS access_tokens (
  uuid TEXT PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  is_active INTEGER NOT NULL DEFAULT 1,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  created TEXT NOT NULL,
  last_used TEXT,
  expires TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS org_access_tokens (
  id TEXT PRIMARY KEY,
  org INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  description TEXT NOT NULL,
  resources TEXT NOT NULL,
  is_active INTEGER NOT NULL DEFAULT 1,
  creator TEXT NOT NULL,
  created TEXT NOT NULL,
  last_used TEXT,
  expires TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS scim_tokens (
  org INTEGER PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS scim_users (
  org INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  given TEXT,
  family TEXT,
  modified TEXT NOT NULL,
  PRIMARY KEY (org, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wrong_logins (name TEXT PRIMARY KEY, tries INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ended_sessions (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS half_logins (
  hash TEXT PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  tries INTEGER NOT NULL DEFAULT 0,
  expires INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refresh_tokens (
  hash TEXT PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  access_token TEXT REFERENCES access_tokens ON DELETE CASCADE,
  expires INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS repositories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  full_description TEXT NOT NULL DEFAULT '',
  is_private INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 1,
  pulls INTEGER NOT NULL DEFAULT 0,
  registered TEXT NOT NULL,
  updated TEXT,
  modified TEXT,
  immutable INTEGER NOT NULL DEFAULT 0,
  rules TEXT NOT NULL DEFAULT '[]',
  categories TEXT NOT NULL DEFAULT '[]',
  UNIQUE (owner, name)
) STRICT;
CREATE TABLE IF NOT EXISTS team_permissions (
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  team INTEGER NOT NULL REFERENCES teams ON DELETE CASCADE,
  permission TEXT NOT NULL CHECK (permission IN ('read', 'write', 'admin')),
  PRIMARY KEY (repository, team)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS collaborators (
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  PRIMARY KEY (repository, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stars (
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  given TEXT NOT NULL,
  PRIMARY KEY (repository, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS manifests (
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  content_type TEXT NOT NULL DEFAULT '',
  images TEXT NOT NULL DEFAULT '[]',
  blobs TEXT NOT NULL DEFAULT '[]',
  pushed TEXT NOT NULL,
  pulled TEXT,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  creator INTEGER NOT NULL,
  updater INTEGER NOT NULL,
  pushed TEXT NOT NULL,
  pulled TEXT,
  UNIQUE (repository, name)
) STRICT;
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  comment TEXT NOT NULL,
  written TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS logos (
  repository INTEGER PRIMARY KEY REFERENCES repositories ON DELETE CASCADE,
  image BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS org_settings (
  org INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pull_log (
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  day TEXT NOT NULL,
  action TEXT NOT NULL,
  tag TEXT NOT NULL,
  digest TEXT NOT NULL,
  address TEXT NOT NULL,
  country TEXT NOT NULL,
  tool TEXT NOT NULL,
  version TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (repository, day, action, tag, digest, address, tool, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS manifests_by_digest ON manifests (digest, content_type);
CREATE INDEX IF NOT EXISTS manifest_times ON manifests (repository, digest, pushed, pulled);
CREATE INDEX IF NOT EXISTS tags_by_time ON tags (repository, pushed, id);
CREATE INDEX IF NOT EXISTS tags_by_digest ON tags (repository, digest, name);
CREATE INDEX IF NOT EXISTS comments_by_repository ON comments (repository, id);
CREATE INDEX IF NOT EXISTS members_by_account ON members (account, org);
CREATE TABLE IF NOT EXISTS summaries (
  repository INTEGER PRIMARY KEY REFERENCES repositories ON DELETE CASCADE,
  summary TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS manifest_came AFTER INSERT ON manifests BEGIN
  DELETE FROM summaries WHERE repository = NEW.repository;
END;
CREATE TRIGGER IF NOT EXISTS manifest_changed AFTER UPDATE OF media_type, content_type, images, blobs ON manifests BEGIN
  DELETE FROM summaries WHERE repository = NEW.repository;
END;
CREATE TRIGGER IF NOT EXISTS manifest_went AFTER DELETE ON manifests BEGIN
  DELETE FROM summaries WHERE repository = OLD.repository;
END;
CREATE TABLE IF NOT EXISTS stored_content (
  digest TEXT NOT NULL,
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (digest, part)
) STRICT;
CREATE TABLE IF NOT EXISTS stored_images (name TEXT PRIMARY KEY, manifests TEXT NOT NULL, blobs TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS unplaced (path TEXT PRIMARY KEY, images TEXT NOT NULL, tags TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS leaving (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL,
  tag TEXT,
  manifests TEXT NOT NULL,
  blobs TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS pulls (source TEXT PRIMARY KEY, since INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS audit_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  time TEXT NOT NULL,
  action TEXT NOT NULL,
  name TEXT NOT NULL,
  actor TEXT NOT NULL,
  data TEXT NOT NULL DEFAULT '{}',
  UNIQUE (account, time, id)
) STRICT;
CREATE TABLE IF NOT EXISTS webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  awaits_callback INTEGER NOT NULL DEFAULT 0,
  creator TEXT NOT NULL,
  created TEXT NOT NULL,
  UNIQUE (repository, slug)
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_hooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook INTEGER NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  name TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL,
  creator TEXT NOT NULL,
  created TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hook INTEGER NOT NULL REFERENCES webhook_hooks ON DELETE CASCADE,
  secret TEXT NOT NULL UNIQUE,
  payload TEXT NOT NULL,
  made TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
  tries INTEGER NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  callback TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS build_sources (
  uuid TEXT PRIMARY KEY,
  repository INTEGER NOT NULL UNIQUE REFERENCES repositories ON DELETE CASCADE,
  provider TEXT NOT NULL,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  dockerfile TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'Empty'
) STRICT;
CREATE TABLE IF NOT EXISTS build_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL REFERENCES build_sources ON DELETE CASCADE,
  type TEXT NOT NULL CHECK (type IN ('Branch', 'Tag')),
  name TEXT NOT NULL,
  tag TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS build_triggers (
  uuid TEXT PRIMARY KEY,
  source TEXT NOT NULL REFERENCES build_sources ON DELETE CASCADE,
  name TEXT NOT NULL
) STRICT;
${scoutTables}`;
