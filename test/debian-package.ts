/** Packages of Debian, of any architecture, without a change to the system. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { readTar } from "../src/store/tar/reader.ts";

const run = promisify(execFile);
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where packages are kept from one run to the next. */
const cache = join(homedir(), ".cache", "wharfinger-test");

/**
 * The path of a package's file, from the cache or from Debian's archive; its signatures are checked.
 * @throws Error saying what is missing, to be used as the reason to skip
 */
export async function debianPackage(name: string, architecture: string): Promise<string> {
  const file = join(cache, `${name}_${architecture}.deb`);
  if (existsSync(file)) return file;
  if (!existsSync(keyring))
    throw new Error(`needs Debian's package ${name}, and ${keyring} is missing: use Debian`);
  const folder = await mkdtemp(join(tmpdir(), "wharf-apt-"));
  try {
    await download(folder, name, architecture);
    const found = (await readdir(folder)).find((entry) => entry.endsWith(".deb"));
    await mkdir(cache, { recursive: true });
    // Next to it first: other tests may look at the same time, and the folders may be of different file systems.
    const part = `${file}.${process.pid}`;
    await writeFile(part, await readFile(join(folder, found!)));
    await rename(part, file);
    return file;
  } catch (cause) {
    const [line] = String((cause as { stderr?: string }).stderr || cause).split("\n");
    throw new Error(`needs Debian's package ${name}:${architecture}, and apt says: ${line}`, {
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One file of a package. */
export async function packageFile(deb: string, path: string): Promise<Uint8Array> {
  const { stdout } = await run("dpkg-deb", ["--fsys-tarfile", deb], {
    encoding: "buffer",
    maxBuffer: 256 << 20,
  });
  async function* bytes() {
    yield stdout;
  }
  for await (const entry of readTar(bytes())) {
    if (entry.name !== `./${path}`) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.body) chunks.push(chunk.slice());
    return Buffer.concat(chunks);
  }
  throw new Error(`${deb} holds no ${path}`);
}

/** apt with lists, cache and sources of its own, as if the machine had the architecture. */
async function download(folder: string, name: string, architecture: string): Promise<void> {
  const release = await readFile("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "stable";
  const source = `deb [arch=${architecture} signed-by=${keyring}] http://deb.debian.org/debian ${codename} main\n`;
  await writeFile(join(folder, "sources.list"), source);
  await mkdir(join(folder, "state", "lists", "partial"), { recursive: true });
  await mkdir(join(folder, "cache", "archives", "partial"), { recursive: true });
  const settings = {
    "Dir::State": join(folder, "state"),
    "Dir::State::status": "/dev/null",
    "Dir::Cache": join(folder, "cache"),
    "Dir::Etc::SourceList": join(folder, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Update::Post-Invoke-Success": "",
    "APT::Sandbox::User": "",
    "Acquire::Languages": "none",
    "Acquire::http::Timeout": "20",
    "Acquire::Retries": "1",
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const apt = (...words: string[]) =>
    run("apt-get", ["-q", ...options, ...words], { cwd: folder, timeout: 180_000 });
  await apt("update");
  await apt("download", `${name}:${architecture}`);
}
