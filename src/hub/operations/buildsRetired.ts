/** Automated builds as they were before 2018, for repositories that still have them. See builds.ts. */
import * as z from "zod";
import { named, operation, page, paged, type Retirement } from "../../operation.ts";
import { namespace, paging, repository } from "../parameters.ts";

const one = { namespace, repository };
const base = "/v2/repositories/{namespace}/{repository}";
const gone = {
  status: "retired",
  retired: {
    on: "2018",
    use: "builds.listSources",
    note: "Repositories made before may still answer.",
  } satisfies Retirement,
} as const;

const id = z.int().describe("Its number");
const dockerfile_location = z.string().optional().describe("Folder of the Dockerfile, such as /");
const source_type = z.enum(["Branch", "Tag"]).optional().describe("What source_name is");
const source_name = z.string().optional().describe("Branch or tag, such as master");
const name = z.string().optional().describe("Tag that the image gets, such as latest");

const buildTag = z.looseObject({
  id: z.number().optional(),
  name: z.string().nullish(),
  dockerfile_location: z.string().nullish(),
  source_name: z.string().nullish(),
  source_type: z.string().nullish(),
});
/** What is built from where, and how it is tagged. */
export interface BuildTag extends z.infer<typeof buildTag> {}
const BuildTag = named<BuildTag>(buildTag);

const settings = z.looseObject({
  repository: z.unknown().optional(),
  build_name: z.string().nullish(),
  provider: z.string().nullish(),
  source_url: z.string().nullish(),
  docker_url: z.string().nullish(),
  repo_web_url: z.string().nullish(),
  repo_type: z.string().nullish(),
  active: z.boolean().nullish(),
  repo_id: z.number().nullish(),
  build_tags: z.array(buildTag).nullish(),
  deploykey: z.unknown().optional(),
  hook_id: z.unknown().optional(),
  webhook_id: z.unknown().optional(),
});
/** How a repository was built. */
export interface BuildSettings extends z.infer<typeof settings> {}
const BuildSettings = named<BuildSettings>(settings);

/** Shows how a repository is built. */
export const getSettings = operation({
  ...gone,
  summary: "Shows how a repository is built.",
  http: `GET ${base}/autobuild/`,
  auth: "optional",
  effect: "read",
  input: z.strictObject(one),
  output: BuildSettings,
});

/** Has a repository built from a source repository. */
export const createSettings = operation({
  ...gone,
  summary: "Has a repository built from a source repository.",
  http: `POST ${base}/autobuild/`,
  effect: "create",
  places: { namespace: ["path", "body"] },
  input: z.strictObject({
    ...one,
    name: z.string().optional().describe("Name of the repository"),
    dockerhub_repo_name: z.string().optional().describe("NAMESPACE/NAME"),
    active: z.boolean().optional().describe("Whether it builds"),
    is_private: z.boolean().optional().describe("Whether only members see it"),
    description: z.string().optional().describe("One line"),
    vcs_repo_name: z.string().optional().describe("The source: OWNER/NAME"),
    provider: z.enum(["github", "bitbucket"]).optional().describe("Where the source is"),
    build_tags: z
      .array(z.strictObject({ name, source_type, source_name, dockerfile_location }))
      .optional()
      .describe("What is built, and how it is tagged"),
  }),
  output: BuildSettings,
});

/** Has one more tag built. */
export const createTag = operation({
  ...gone,
  summary: "Has one more tag built.",
  http: `POST ${base}/autobuild/tags/`,
  effect: "create",
  places: { namespace: ["path", "body"] },
  input: z.strictObject({
    ...one,
    isNew: z.boolean().optional().describe("true"),
    repoName: z.string().optional().describe("Name of the repository once more"),
    name,
    dockerfile_location,
    source_type,
    source_name,
  }),
  output: BuildTag,
});

/** Changes what a tag is built from. */
export const updateTag = operation({
  ...gone,
  summary: "Changes what a tag is built from.",
  http: `PUT ${base}/autobuild/tags/{id}/`,
  effect: "update",
  places: { id: ["path", "body"] },
  input: z.strictObject({ ...one, id, name, dockerfile_location, source_type, source_name }),
  output: BuildTag,
});

/** Has a tag built no more. */
export const deleteTag = operation({
  ...gone,
  summary: "Has a tag built no more.",
  http: `DELETE ${base}/autobuild/tags/{id}/`,
  effect: "destroy",
  input: z.strictObject({ ...one, id }),
  output: z.void(),
});

const triggered = z.looseObject({
  source_type: z.string().nullish(),
  source_name: z.string().nullish(),
  evaluated_tag_name: z.string().nullish(),
  build_code: z.string().nullish(),
  msg: z.string().nullish(),
  queued_for_retry: z.unknown().optional(),
});
/** A build that was started. */
export interface TriggeredBuild extends z.infer<typeof triggered> {}

/** Starts a build. */
export const trigger = operation({
  ...gone,
  retired: { ...gone.retired, use: "builds.callTrigger" },
  summary: "Starts a build.",
  http: `POST ${base}/autobuild/trigger-build/`,
  effect: "create",
  input: z.strictObject({ ...one, dockerfile_location, source_type, source_name }),
  output: z.array(named<TriggeredBuild>(triggered)),
});

const link = z.looseObject({
  id: z.number().optional(),
  from_repo: z.string().nullish(),
  to_repo: z.string().nullish(),
});
/** A repository whose push starts a build here. */
export interface BuildLink extends z.infer<typeof link> {}
const BuildLink = named<BuildLink>(link);

/** Lists the repositories whose push starts a build. */
export const listLinks = operation({
  ...gone,
  summary: "Lists the repositories whose push starts a build.",
  http: `GET ${base}/links/`,
  effect: "read",
  input: z.strictObject({ ...one, ...paging }),
  output: page(BuildLink),
  paging: paged,
});

/** Has the push of another repository start a build. */
export const createLink = operation({
  ...gone,
  summary: "Has the push of another repository start a build.",
  http: `POST ${base}/links/`,
  effect: "create",
  input: z.strictObject({ ...one, to_repo: z.string().min(1).describe("NAMESPACE/NAME") }),
  output: BuildLink,
});

/** Has the push of another repository start no build any more. */
export const deleteLink = operation({
  ...gone,
  summary: "Has the push of another repository start no build any more.",
  http: `DELETE ${base}/links/{id}/`,
  effect: "destroy",
  input: z.strictObject({ ...one, id }),
  output: z.void(),
});

const buildTrigger = z.looseObject({
  token: z.string().nullish(),
  active: z.boolean().nullish(),
  trigger_url: z.string().nullish(),
});
/** A secret address that starts a build. */
export interface BuildTrigger extends z.infer<typeof buildTrigger> {}

/** Shows the secret address that starts a build. */
export const getTrigger = operation({
  ...gone,
  summary: "Shows the secret address that starts a build.",
  http: `GET ${base}/buildtrigger/`,
  effect: "read",
  secrets: ["token", "trigger_url"],
  input: z.strictObject(one),
  output: named<BuildTrigger>(buildTrigger),
});

const call = z.looseObject({
  /** Padded with spaces, as it was sent. */
  ip_address: z.string().nullish(),
  result: z.string().nullish(),
  result_desc: z.string().nullish(),
  user_agent: z.string().nullish(),
  request_body: z.string().nullish(),
  created: z.string().nullish(),
  build_code: z.string().nullish(),
});
/** A call of a trigger. */
export interface TriggerCall extends z.infer<typeof call> {}

/** Lists the calls of a trigger. */
export const listTriggerHistory = operation({
  ...gone,
  summary: "Lists the calls of a trigger.",
  http: `GET ${base}/buildtrigger/history/`,
  effect: "read",
  input: z.strictObject({ ...one, ...paging }),
  output: page<TriggerCall>(call),
  paging: paged,
});

const build = z.looseObject({
  id: z.number().optional(),
  /** 10 is success, -1 failure. */
  status: z.number().nullish(),
  created_date: z.string().nullish(),
  last_updated: z.string().nullish(),
  build_code: z.string().nullish(),
  dockertag_name: z.string().nullish(),
  cause: z.string().nullish(),
  build_results: z.looseObject({}).nullish(),
});
/** A build. */
export interface Build extends z.infer<typeof build> {}
const Build = named<Build>(build);

/** Lists the builds of a repository. */
export const list = operation({
  ...gone,
  summary: "Lists the builds of a repository.",
  http: `GET ${base}/buildhistory/`,
  auth: "optional",
  effect: "read",
  input: z.strictObject({ ...one, ...paging }),
  output: page(Build),
  paging: paged,
});

/** Shows a build with its logs. */
export const get = operation({
  ...gone,
  summary: "Shows a build with its logs.",
  http: `GET ${base}/buildhistory/{build_code}/`,
  auth: "optional",
  effect: "read",
  input: z.strictObject({ ...one, build_code: z.string().min(1).describe("Code of the build") }),
  output: Build,
});
