/** What a sandbox holds at first: people, an organization with teams and a year behind it, and repositories of every kind. */
import { createRandom } from "../random.ts";
import type { RepositorySeed, Seed, TagSeed } from "./schema.ts";

const readme = (title: string, name: string) => `# ${title}

\`\`\`console
$ docker run --rm ${name}
Hello from the wharf.
\`\`\`

Tags follow [semantic versioning](https://semver.org); \`latest\` is the newest release.
`;

/** Somewhat more than monthly, the newest ten days old. */
const releases = [
  { version: "1.0.0", age: 360 },
  { version: "1.0.1", age: 331 },
  { version: "1.1.0", age: 292 },
  { version: "1.1.1", age: 268 },
  { version: "1.2.0", age: 224 },
  { version: "1.3.0", age: 181 },
  { version: "1.3.1", age: 163 },
  { version: "1.4.0", age: 117 },
  { version: "1.5.0", age: 73 },
  { version: "1.5.1", age: 45 },
  { version: "1.6.0", age: 10 },
];

/** @param last how many of the newest releases @param prefix of the tags */
function released(last: number, prefix: string, by: readonly string[]): TagSeed[] {
  return releases.slice(-last).map(({ version, age }, index) => ({
    name: prefix + version,
    image: `hello@${version}`,
    pushed: `${age}d`,
    pulled: `${Math.max(1, age - 3)}d`,
    by: by[index % by.length]!,
  }));
}

const newest = (name: string, by: string, age = 10): TagSeed => ({
  name,
  image: "hello@1.6.0",
  pushed: `${age}d`,
  pulled: "5h",
  by,
});

/** Tags of builds, as a pipeline leaves them behind: twice a week, of whatever was released then. */
function builds(count: number): TagSeed[] {
  const random = createRandom(20_260_101);
  return Array.from({ length: count }, (_, index) => {
    const age = Math.round(((count - index) * 364) / count);
    const release = releases.findLast((one) => one.age >= age) ?? releases[0]!;
    const commit = random.whole(0x1000000, 0xfffffff).toString(16);
    return {
      name: `sha-${commit}`,
      image: `hello@${release.version}`,
      pushed: `${age}d`,
      by: "frank",
    };
  });
}

const readers = ["dave", "erin", "frank", "grace", "heidi"];

/** These stay as they are: programs and pages are written against them. */
const plain: RepositorySeed[] = [
  {
    name: "library/hello",
    description: "Says hello from the wharf",
    full_description: readme("Hello", "hello"),
    created: "2y",
    categories: ["developer-tools", "languages-and-frameworks"],
    image: "plain",
    tags: ["latest", "1.0", "1"].map((name) => ({
      name,
      pushed: "12d",
      pulled: "2h",
      by: "library",
    })),
    pulls: 1_204_817,
    comments: [
      { by: "dave", text: "It said hello.", at: "200d" },
      { by: "bob", text: "To me, too.", at: "199d" },
    ],
  },
  {
    name: "library/wharf",
    description: "What a wharf needs",
    full_description: readme("Wharf", "wharf"),
    categories: ["operating-systems"],
    image: "plain",
    tags: [{ name: "latest", pushed: "31d", pulled: "7h" }],
    pulls: 38_122,
  },
  {
    name: "ratelimitpreview/test",
    description: "Tells how many pulls are left",
    image: "plain",
    tags: [{ name: "latest", pushed: "300d" }],
  },
  {
    name: "harbour/api",
    description: "The API of the harbour",
    full_description: readme("API", "harbour/api"),
    created: "364d",
    categories: ["api-management"],
    image: "plain",
    tags: ["latest", "v1.2.0"].map((name) => ({ name, pushed: "6d", by: "bob" })),
    permissions: { developers: "write" },
    build: { source: "harbour/api", dockerfile: 'FROM hello\nCOPY api /api\nCMD ["/api"]\n' },
    pulls: 21_439,
  },
  {
    name: "harbour/ledger",
    description: "Private books",
    private: true,
    created: "350d",
    image: "plain",
    tags: [{ name: "latest", pushed: "20d", by: "alice" }],
    permissions: { bookkeepers: "admin" },
    pulls: 1_311,
  },
  {
    name: "alice/site",
    description: "A page",
    full_description: readme("A page", "alice/site"),
    created: "300d",
    image: "plain",
    tags: [{ name: "latest", pushed: "2d" }],
    pulls: 642,
  },
  {
    name: "alice/notes",
    description: "Private notes",
    private: true,
    created: "120d",
    image: "plain",
    tags: [{ name: "latest", pushed: "2d" }],
    pulls: 17,
  },
];

/** These have a year behind them: releases and builds with provenance and SBOM, and people who talk of them. */
const grown: RepositorySeed[] = [
  {
    name: "pier/gateway",
    description: "Lets ships in, and out again",
    full_description: readme("Gateway", "pier/gateway"),
    created: "364d",
    categories: ["web-servers", "networking"],
    immutable_tags: ["^v[0-9.]+$"],
    tags: [newest("latest", "frank"), ...released(11, "v", ["frank", "erin"]), ...builds(48)],
    permissions: { developers: "write", operators: "read" },
    webhooks: [{ name: "deploy", url: "http://127.0.0.1:9/deploy" }],
    stars: readers,
    pulls: 214_390,
    comments: [
      { by: "dave", text: "Is there an image for riscv64?", at: "131d" },
      { by: "frank", text: "Not yet.", at: "130d" },
      { by: "grace", text: "Works on arm64. Thank you!", at: "64d" },
    ],
  },
  {
    name: "pier/tides",
    description: "Tells when the water is high",
    full_description: readme("Tides", "pier/tides"),
    created: "224d",
    categories: ["monitoring-and-observability"],
    tags: [newest("latest", "erin"), ...released(6, "", ["erin"])],
    permissions: { developers: "write" },
    stars: readers.slice(1, 5),
    pulls: 9_206,
  },
  {
    name: "pier/berths",
    description: "Who lies where",
    private: true,
    created: "163d",
    tags: [newest("latest", "frank"), ...released(4, "", ["frank"])],
    permissions: { developers: "write" },
    collaborators: ["heidi"],
    pulls: 803,
  },
];

export const smallSeed: Seed = {
  accounts: [
    {
      name: "alice",
      password: "alice-password",
      plan: "pro",
      about: "owns the organization harbour",
    },
    { name: "bob", password: "bob-password", about: "member of harbour, in the team developers" },
    {
      name: "carol",
      password: "carol-password",
      totp: "JBSWY3DPEHPK3PXP",
      about: "signs in with a second factor",
    },
    { name: "dave", password: "dave-password", about: "a stranger to harbour" },
    {
      name: "erin",
      password: "erin-password",
      about: "owns the organization pier, which has a year behind it",
      location: "Rotterdam",
      joined: "1y",
      tokens: [
        { label: "laptop", token: "dckr_pat_sandbox-erin-laptop", created: "200d" },
        {
          label: "monitoring",
          token: "dckr_pat_sandbox-erin-monitoring",
          scopes: ["repo:read"],
          created: "90d",
        },
        { label: "old laptop", token: "dckr_pat_sandbox-erin-old", active: false, created: "330d" },
      ],
    },
    {
      name: "frank",
      full_name: "Frank",
      joined: "1y",
      tokens: [
        {
          label: "pipeline",
          token: "dckr_pat_sandbox-frank-pipeline",
          scopes: ["repo:write"],
          created: "300d",
        },
      ],
    },
    { name: "grace", joined: "150d" },
    { name: "heidi", joined: "90d" },
  ],
  organizations: [
    {
      name: "harbour",
      full_name: "The Harbour Company",
      company: "Harbour",
      badge: "verified_publisher",
      joined: "1y",
      members: { alice: "owner", bob: "member" },
      teams: [
        { name: "owners", description: "The owners of the harbour", members: ["alice"] },
        { name: "developers", description: "The developers of the harbour", members: ["bob"] },
        { name: "bookkeepers", description: "The bookkeepers of the harbour", members: ["alice"] },
      ],
    },
    {
      name: "pier",
      full_name: "The Pier Authority",
      company: "Pier",
      badge: "verified_publisher",
      plan: "business",
      joined: "1y",
      members: { erin: "owner", frank: "editor", grace: "member", heidi: "member" },
      tokens: [
        {
          label: "deployment",
          token: "dckr_oat_sandbox-pier-deployment",
          resources: [{ type: "TYPE_REPO", path: "pier/*", scopes: ["scope-image-pull"] }],
          created: "120d",
        },
      ],
      teams: [
        { name: "developers", description: "Who builds it", members: ["frank", "grace"] },
        { name: "operators", description: "Who runs it", members: ["heidi"] },
      ],
    },
  ],
  repositories: [...plain, ...grown],
};
