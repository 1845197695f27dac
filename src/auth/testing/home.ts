/** A home folder with docker's and podman's files, and a credential helper on `PATH`. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { TestContext } from "node:test";

export interface Home {
  readonly home: string;
  /** With `PATH` for the helpers, and nothing that holds credentials. */
  readonly environment: NodeJS.ProcessEnv;
  readonly docker: string;
  readonly podman: string;
  write(path: string, content: object | string): Promise<void>;
  json(path: string): Promise<unknown>;
  text(path: string): Promise<string>;
  /** Permission bits. */
  mode(path: string): Promise<number>;
  /** Puts a helper of that name on `PATH`: a program in Node's language that finds the verb in `verb` and what came in in `input`. */
  helper(name: string, program: string): Promise<void>;
}

/** Makes one under the system's folder for temporary files, until the test ends. */
export async function makeHome(t: TestContext): Promise<Home> {
  const home = await mkdtemp(join(tmpdir(), "wharf-auth-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const programs = join(home, "bin");
  await mkdir(programs);
  return {
    home,
    environment: { PATH: [programs, dirname(process.execPath)].join(delimiter), HELPER_HOME: home },
    docker: join(home, ".docker", "config.json"),
    podman: join(home, ".config", "containers", "auth.json"),
    async write(path, content) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    },
    json: async (path) => JSON.parse(await readFile(path, "utf8")) as unknown,
    text: (path) => readFile(path, "utf8"),
    mode: async (path) => (await stat(path)).mode & 0o777,
    async helper(name, program) {
      const path = join(programs, `docker-credential-${name}`);
      const head = `#!${process.execPath}\nconst fs = require("node:fs"); const verb = process.argv[2]; const home = process.env.HELPER_HOME;`;
      await writeFile(path, `${head}\nconst input = fs.readFileSync(0, "utf8");\n${program}\n`);
      await chmod(path, 0o755);
    },
  };
}

/** The value of `auth` in docker's file. */
export function auth(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

/** A helper that keeps what it is given in `store.json` of the home folder, and notes each call in `calls`. */
export const keepingHelper = `
const file = home + "/store.json";
const all = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
const save = () => fs.writeFileSync(file, JSON.stringify(all));
fs.appendFileSync(home + "/calls", verb + " " + (verb === "store" ? JSON.parse(input).ServerURL : input) + "\\n");
if (verb === "store") { const entry = JSON.parse(input); all[entry.ServerURL] = entry; save(); }
else if (all[input] === undefined) { console.log("credentials not found in native keychain"); process.exit(1); }
else if (verb === "erase") { delete all[input]; save(); }
else console.log(JSON.stringify(all[input]));
`;
