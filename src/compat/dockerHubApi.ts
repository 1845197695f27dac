/**
 * The names of the npm package `docker-hub-api`, on our catalogue: a program changes one import.
 * One session and one cache for the whole process, as there; use `createHub` in anything new.
 *
 * @example
 * const dockerHubAPI = require("wharfinger/compat/docker-hub-api");
 * await dockerHubAPI.login(process.env.DOCKER_HUB_USERNAME, process.env.DOCKER_HUB_PASSWORD);
 * console.log(await dockerHubAPI.loggedInUser());
 */
import type { HubCredentials } from "../hub/client/credentials.ts";
import { createHub, type Hub } from "../hub/client/hub.ts";
import { Answers } from "./answers.ts";

/** Which page of a list is asked for. */
export interface PageOptions {
  /** @default 100 */
  readonly perPage?: number;
  /** @default 1 */
  readonly page?: number;
}

/** What a build is made from; what is left out is the branch master, folder /. */
export interface BuildDetails {
  readonly name?: string;
  readonly dockerfile_location?: string;
  readonly source_name?: string;
  readonly source_type?: "Branch" | "Tag";
}

let credentials: HubCredentials = { kind: "anonymous" };
let opened: Hub | undefined;
const answers = new Answers();

/** The client of the session as it is now; destroying is the caller's own decision. */
function hub(): Hub {
  return (opened ??= createHub({ credentials, allowDestructive: true }));
}

function signedIn(token: string): void {
  credentials = { kind: "jwt", token };
  void opened?.close();
  opened = undefined;
  // What one account may see is not what another may.
  answers.clear();
}

/** Docker IDs are lower case; without one, or with `_`, the official images are meant. */
function one(user: string | undefined, repository: string) {
  const owner = user === undefined || user === "" || user === "_" ? "library" : user;
  return { namespace: owner.toLowerCase(), repository: repository.toLowerCase() };
}

const named = (user: string) => ({ username: user.toLowerCase() });
const paged = ({ perPage = 100, page = 1 }: PageOptions = {}) => ({ page, page_size: perPage });
const results = async <Item>(list: PromiseLike<{ readonly results: Item[] }>) =>
  (await list).results;

/** Reads, or gives what the same question got a short while ago. */
function read<Output>(question: readonly unknown[], ask: () => Promise<Output>): Promise<Output> {
  return answers.get(JSON.stringify(question), ask);
}

/** Changes something; what was read before may be stale. */
async function write<Output>(change: PromiseLike<Output>): Promise<Output> {
  try {
    return await change;
  } finally {
    answers.clear();
  }
}

/** Signs in; resolves to the answer, which holds the `token`. */
export async function login(username: string, password: string) {
  const anonymous = createHub({ credentials: { kind: "anonymous" } });
  try {
    const answer = await anonymous.auth.login({ username, password });
    signedIn(answer.token);
    return answer;
  } finally {
    await anonymous.close();
  }
}

/** Signs in with a token that a login gave before. */
export function setLoginToken(token: string): void {
  signedIn(token);
}

/** Whether reads are remembered, and for how many seconds. */
export function setCacheOptions(options: { enabled?: boolean; time?: number }): void {
  answers.configure(options);
}

/** Shows the account that is signed in. */
export const loggedInUser = () => read(["loggedInUser"], () => hub().users.getCurrent());

/** Shows how many private repositories the account may have, and has. */
export const registrySettings = async () => {
  const { username } = await loggedInUser();
  return read(["registrySettings"], () => hub().users.getRegistrySettings({ username }));
};

/** Shows an account. */
export const user = (name: string) => read(["user", name], () => hub().users.get(named(name)));

/** Lists the names of a user's repositories. */
export const repositories = (name: string) =>
  read(["repositories", name], () => hub().repositories.listForUserLegacy(named(name)));

/** Lists the repositories that a user has starred. */
export const repositoriesStarred = (name: string, options?: PageOptions) =>
  read(["starred", name, options], () =>
    results(hub().stars.list({ ...named(name), ...paged(options) })),
  );

/** Shows a repository; without a user, or with `_`, an official image. */
export const repository = (name: string | undefined, repo: string) =>
  read(["repository", name, repo], () => hub().repositories.getLegacy(one(name, repo)));

/** Lists the comments on a repository; without a user, or with `_`, on an official image. */
export const comments = (name: string | undefined, repo: string, options?: PageOptions) =>
  read(["comments", name, repo, options], () =>
    results(hub().comments.list({ ...one(name, repo), ...paged(options) })),
  );

/** Lists the tags of a repository; without a user, or with `_`, of an official image. */
export const tags = (name: string | undefined, repo: string, options?: PageOptions) =>
  read(["tags", name, repo, options], () =>
    results(hub().tags.listLegacy({ ...one(name, repo), ...paged(options) })),
  );

/** Lists the builds of a repository. @throws WharfError RETIRED */
export const buildHistory = (name: string | undefined, repo: string, options?: PageOptions) =>
  read(["buildHistory", name, repo, options], () =>
    results(hub().builds.list({ ...one(name, repo), ...paged(options) })),
  );

/** Lists the webhooks of a repository, in their older form. */
export const webhooks = (name: string, repo: string, options?: PageOptions) =>
  read(["webhooks", name, repo, options], () =>
    results(hub().webhooks.list({ ...one(name, repo), ...paged(options) })),
  );

/** Lists who else may push to a user's repository. */
export const collaborators = (name: string, repo: string) =>
  read(["collaborators", name, repo], () => results(hub().collaborators.list(one(name, repo))));

/** Lists the repositories whose push starts a build. @throws WharfError RETIRED */
export const buildLinks = (name: string, repo: string) =>
  read(["buildLinks", name, repo], () => results(hub().builds.listLinks(one(name, repo))));

/** Shows how a repository is built. @throws WharfError RETIRED */
export const buildSettings = (name: string, repo: string) =>
  read(["buildSettings", name, repo], () => hub().builds.getSettings(one(name, repo)));

/** Shows the secret address that starts a build. @throws WharfError RETIRED */
export const buildTrigger = (name: string, repo: string) =>
  read(["buildTrigger", name, repo], () => hub().builds.getTrigger(one(name, repo)));

/** Lists the calls of that address. @throws WharfError RETIRED */
export const buildTriggerHistory = (name: string, repo: string) =>
  read(["buildTriggerHistory", name, repo], () =>
    results(hub().builds.listTriggerHistory(one(name, repo))),
  );

/** Shows a build with its logs. @throws WharfError RETIRED */
export const buildDetails = (name: string, repo: string, build_code: string) =>
  read(["buildDetails", name, repo, build_code], () =>
    hub().builds.get({ ...one(name, repo), build_code }),
  );

/** Lets somebody push to your repository. */
export const addCollaborator = (name: string, repo: string, user: string) =>
  write(hub().collaborators.add({ ...one(name, repo), user: user.toLowerCase() }));

/** Lets somebody push no more. */
export const deleteCollaborator = (name: string, repo: string, user: string) =>
  write(hub().collaborators.delete({ ...one(name, repo), ...named(user) }));

/** Creates a repository. */
export const createRepository = (
  name: string,
  repo: string,
  details: { description?: string; full_description?: string; is_private?: boolean } = {},
) => {
  const { namespace, repository } = one(name, repo);
  return write(hub().repositories.createLegacy({ namespace, name: repository, ...details }));
};

/** Deletes a repository with all that is in it. */
export const deleteRepository = (name: string, repo: string) =>
  write(hub().repositories.delete(one(name, repo)));

/** Stars a repository. */
export const starRepository = (name: string, repo: string) =>
  write(hub().stars.add(one(name, repo)));

/** Takes your star back. */
export const unstarRepository = (name: string, repo: string) =>
  write(hub().stars.delete(one(name, repo)));

/** Changes what a repository says of itself: `short` is the line below the name, `full` the page. */
export const setRepositoryDescription = (
  name: string,
  repo: string,
  { short, full }: { short?: string; full?: string },
) =>
  write(
    hub().repositories.updateLegacy({
      ...one(name, repo),
      ...(short !== undefined && { description: short }),
      ...(full !== undefined && { full_description: full }),
    }),
  );

/** Creates a webhook, which calls nothing yet. */
export const createWebhook = (name: string, repo: string, webhook: string) =>
  write(hub().webhooks.create({ ...one(name, repo), name: webhook }));

/** Gives a webhook an address to call. */
export const createWebhookHook = (name: string, repo: string, id: number, hook_url: string) =>
  write(hub().webhooks.createHook({ ...one(name, repo), webhook_id: Number(id), hook_url }));

/** Deletes a webhook with its addresses. */
export const deleteWebhook = (name: string, repo: string, id: number) =>
  write(hub().webhooks.delete({ ...one(name, repo), webhook_id: Number(id) }));

/**
 * Has the push of another repository start a build. `to` is `user/repository`, or the name of an official image.
 * @throws WharfError RETIRED
 */
export const createBuildLink = (name: string, repo: string, to: string) =>
  write(
    hub().builds.createLink({
      ...one(name, repo),
      to_repo: to.includes("/") ? to : `library/${to}`,
    }),
  );

/** Has the push of another repository start no build any more. @throws WharfError RETIRED */
export const deleteBuildLink = (name: string, repo: string, id: number) =>
  write(hub().builds.deleteLink({ ...one(name, repo), id: Number(id) }));

/** Has one more tag built. @throws WharfError RETIRED */
export const createBuildTag = (name: string, repo: string, details: BuildDetails = {}) => {
  const { namespace, repository } = one(name, repo);
  return write(
    hub().builds.createTag({
      namespace,
      repository,
      repoName: repository,
      isNew: true,
      name: details.name ?? "latest",
      dockerfile_location: details.dockerfile_location ?? "/",
      source_type: details.source_type ?? "Branch",
      source_name: details.source_name ?? "master",
    }),
  );
};

/** Changes what a tag is built from. @throws WharfError RETIRED */
export const saveBuildTag = (name: string, repo: string, id: number, details: BuildDetails = {}) =>
  write(
    hub().builds.updateTag({
      ...one(name, repo),
      id: Number(id),
      name: details.name ?? "latest",
      dockerfile_location: details.dockerfile_location ?? "/",
      source_type: details.source_type ?? "Branch",
      source_name: details.source_name ?? "master",
    }),
  );

/** Has a tag built no more. @throws WharfError RETIRED */
export const deleteBuildTag = (name: string, repo: string, id: number) =>
  write(hub().builds.deleteTag({ ...one(name, repo), id: Number(id) }));

/** Starts a build. @throws WharfError RETIRED */
export const triggerBuild = (name: string, repo: string, details: BuildDetails = {}) =>
  write(
    hub().builds.trigger({
      ...one(name, repo),
      dockerfile_location: details.dockerfile_location ?? "/",
      source_type: details.source_type ?? "Branch",
      source_name: details.source_name ?? "master",
    }),
  );

/**
 * Has a repository built from a source repository. Without `build_tags`, `latest` is built from the branch master.
 * @throws WharfError RETIRED
 */
export const createAutomatedBuild = (
  name: string,
  repo: string,
  details: {
    build_tags?: readonly BuildDetails[];
    description?: string;
    is_private?: boolean;
    provider: "github" | "bitbucket";
    vcs_repo_name: string;
  },
) => {
  const { namespace, repository } = one(name, repo);
  const {
    build_tags = [],
    is_private = false,
    description = "",
    provider,
    vcs_repo_name,
  } = details;
  const standard = {
    name: "latest",
    source_type: "Branch" as const,
    source_name: "master",
    dockerfile_location: "/",
  };
  return write(
    hub().builds.createSettings({
      namespace,
      repository,
      name: repository,
      dockerhub_repo_name: `${namespace}/${repository}`,
      active: true,
      is_private,
      description,
      provider,
      vcs_repo_name,
      build_tags: build_tags.length > 0 ? [...build_tags] : [standard],
    }),
  );
};
