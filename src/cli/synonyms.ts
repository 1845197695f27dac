/** What other tools call our commands, for whoever comes from there. */
const synonyms: Readonly<Record<string, string>> = {
  cp: "copy",
  save: "copy",
  load: "copy",
  mirror: "sync",
  regsync: "sync",
  ls: "tags",
  list: "tags",
  "list-tags": "tags",
  catalog: "repos",
  rm: "delete",
  remove: "delete",
  untag: "delete",
  resolve: "digest",
  head: "digest",
  tree: "referrers",
  "get-file": "cat",
  flatten: "export",
  compare: "diff",
  config: "inspect",
  show: "inspect",
  auth: "login",
  limit: "rate-limit",
  ratelimit: "rate-limit",
  layer: "blob get",
  fetch: "blob get",
  serve: "registry serve",
};

/** Our name for a command of crane, skopeo, regctl, oras or docker. */
export const synonymOf = (word: string): string | undefined =>
  Object.hasOwn(synonyms, word) ? synonyms[word] : undefined;
