/** Clients that sign in: each one's words for the same five things. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { podman, podmanIn } from "../podman.ts";
import { type RunOptions, skipWithout, type Tool, tool } from "../tools.ts";
import { wharfOk } from "../wharf.ts";

export interface Stage {
  /** `localhost:PORT` */
  readonly host: string;
  /** Whether it is plain http. */
  readonly plain: boolean;
  /** OCI layout of the image that is pushed, with one tag. */
  readonly layout: string;
  readonly tag: string;
  /** Where each user's credentials and settings are kept. */
  readonly folder: string;
  /** For all clients, such as whose certificates are trusted. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One client on a stage. Each function rejects where the client fails. */
export interface ActiveClient {
  login(user: string, password: string): Promise<unknown>;
  /** Pushes the image as a user (`guest` has not signed in). */
  push(user: string, repository: string, tag: string): Promise<unknown>;
  pull(user: string, repository: string, tag: string): Promise<unknown>;
  /** Copies within the registry; absent where the client does not take blobs over from where they are. */
  copy?(user: string, from: string, to: string, tag: string): Promise<unknown>;
  /** Absent where the client cannot. */
  remove?(user: string, repository: string, tag: string): Promise<unknown>;
}

export interface Client {
  readonly name: string;
  readonly skip: string | false;
  on(stage: Stage): ActiveClient;
}

const skopeo = tool("skopeo", "apt-get install skopeo");
const crane = tool("crane", "go install github.com/google/go-containerregistry/cmd/crane@latest");
const regctl = tool("regctl", "go install github.com/regclient/regclient/cmd/regctl@latest");
const oras = tool("oras", "go install oras.land/oras/cmd/oras@latest");

let pulls = 0;

/** A runner that keeps each user's things apart. */
function runner({ folder, environment }: Stage, client: string) {
  const home = (user: string) => {
    const path = join(folder, client, user);
    mkdirSync(path, { recursive: true });
    // Podman insists on the file that it is told of.
    if (!existsSync(join(path, "auth.json"))) writeFileSync(join(path, "auth.json"), "{}");
    return path;
  };
  const settings = (user: string) => ({
    ...environment,
    HOME: home(user),
    DOCKER_CONFIG: join(home(user), "docker"),
    REGISTRY_AUTH_FILE: join(home(user), "auth.json"),
    REGCTL_CONFIG: join(home(user), "regctl.json"),
  });
  return {
    settings,
    /** A folder that is not there yet. */
    fresh: () => join(folder, client, `pulled-${(pulls += 1)}`),
    run: (program: Tool, user: string, words: readonly string[], options: RunOptions = {}) =>
      program.run(words, { ...options, environment: settings(user) }),
  };
}

export const clients: readonly Client[] = [
  {
    name: "skopeo",
    skip: skopeo.skip,
    on(stage) {
      const { run, fresh } = runner(stage, "skopeo");
      const ref = (repository: string, tag: string) =>
        `docker://${stage.host}/${repository}:${tag}`;
      const local = `oci:${stage.layout}:${stage.tag}`;
      const flag = (name: string) => `--${name}=${!stage.plain}`;
      const copy = ["copy", "--insecure-policy", "--all"];
      return {
        login: (user, password) =>
          run(
            skopeo,
            user,
            ["login", flag("tls-verify"), "-u", user, "--password-stdin", stage.host],
            { stdin: password },
          ),
        push: (user, name, tag) =>
          run(skopeo, user, [...copy, flag("dest-tls-verify"), local, ref(name, tag)]),
        pull: (user, name, tag) =>
          run(skopeo, user, [...copy, flag("src-tls-verify"), ref(name, tag), `dir:${fresh()}`]),
        remove: (user, name, tag) =>
          run(skopeo, user, ["delete", flag("tls-verify"), ref(name, tag)]),
      };
    },
  },
  {
    name: "crane",
    skip: crane.skip,
    on(stage) {
      const { run, fresh } = runner(stage, "crane");
      const { host, layout } = stage;
      return {
        // It only stores what it is given; the listing asks.
        async login(user, password) {
          const words = ["auth", "login", "-u", user, "--password-stdin", host];
          await run(crane, user, words, { stdin: password });
          await run(crane, user, ["catalog", host]);
        },
        push: (user, name, tag) =>
          run(crane, user, ["push", "--index", layout, `${host}/${name}:${tag}`]),
        pull: (user, name, tag) =>
          run(crane, user, ["pull", "--format=oci", `${host}/${name}:${tag}`, fresh()]),
        copy: (user, from, to, tag) =>
          run(crane, user, ["copy", `${host}/${from}:${tag}`, `${host}/${to}:${tag}`]),
        remove: (user, name, tag) => run(crane, user, ["delete", `${host}/${name}:${tag}`]),
      };
    },
  },
  {
    name: "oras",
    skip: oras.skip,
    on(stage) {
      const { run, fresh } = runner(stage, "oras");
      const { host, layout } = stage;
      // For localhost it assumes plain http.
      const plain = (flag: string) => [`${flag}=${stage.plain}`];
      const ref = (repository: string, tag: string) => `${host}/${repository}:${tag}`;
      return {
        login: (user, password) =>
          run(
            oras,
            user,
            ["login", ...plain("--plain-http"), "-u", user, "--password-stdin", host],
            { stdin: password },
          ),
        push: (user, name, tag) =>
          run(oras, user, [
            "copy",
            "--from-oci-layout",
            ...plain("--to-plain-http"),
            `${layout}:${stage.tag}`,
            ref(name, tag),
          ]),
        pull: (user, name, tag) =>
          run(oras, user, [
            "copy",
            "--to-oci-layout",
            ...plain("--from-plain-http"),
            ref(name, tag),
            fresh(),
          ]),
        copy: (user, from, to, tag) =>
          run(oras, user, [
            "copy",
            ...plain("--from-plain-http"),
            ...plain("--to-plain-http"),
            ref(from, tag),
            ref(to, tag),
          ]),
        remove: (user, name, tag) =>
          run(oras, user, [
            "manifest",
            "delete",
            "--force",
            ...plain("--plain-http"),
            ref(name, tag),
          ]),
      };
    },
  },
  {
    name: "regctl",
    skip: regctl.skip,
    on(stage) {
      const { run, fresh } = runner(stage, "regctl");
      const { host, layout } = stage;
      const known = stage.plain ? ["--host", `reg=${host},tls=disabled`] : [];
      const ref = (repository: string, tag: string) => `${host}/${repository}:${tag}`;
      return {
        login: (user, password) =>
          run(regctl, user, [...known, "registry", "login", "-u", user, "--pass-stdin", host], {
            stdin: password,
          }),
        push: (user, name, tag) =>
          run(regctl, user, [
            ...known,
            "image",
            "copy",
            `ocidir://${layout}:${stage.tag}`,
            ref(name, tag),
          ]),
        pull: (user, name, tag) =>
          run(regctl, user, [...known, "image", "copy", ref(name, tag), `ocidir://${fresh()}:x`]),
        copy: (user, from, to, tag) =>
          run(regctl, user, [...known, "image", "copy", ref(from, tag), ref(to, tag)]),
        remove: (user, name, tag) => run(regctl, user, [...known, "tag", "delete", ref(name, tag)]),
      };
    },
  },
  {
    name: "podman",
    skip: skipWithout(podman, skopeo),
    on(stage) {
      const { settings } = runner(stage, "podman");
      const { options } = podmanIn(join(stage.folder, "store"));
      const flag = `--tls-verify=${!stage.plain}`;
      const run = (user: string, ...words: string[]) =>
        podman.run([...options, ...words], { environment: settings(user) });
      const ref = (repository: string, tag: string) => `${stage.host}/${repository}:${tag}`;
      return {
        login: (user, password) => run(user, "login", flag, "-u", user, "-p", password, stage.host),
        async push(user, name, tag) {
          const id = (
            await run(user, "pull", "--quiet", `oci:${stage.layout}:${stage.tag}`)
          ).trim();
          await run(user, "push", "--quiet", flag, id, ref(name, tag));
        },
        pull: (user, name, tag) => run(user, "pull", "--quiet", flag, ref(name, tag)),
      };
    },
  },
  {
    name: "wharf",
    skip: false,
    on(stage) {
      const { settings, fresh } = runner(stage, "wharf");
      const { host } = stage;
      // For localhost it assumes plain http.
      const config = join(stage.folder, "config.json");
      writeFileSync(config, JSON.stringify({ [host]: { plainHttp: false } }));
      const run = (user: string, words: readonly string[], stdin?: string) =>
        wharfOk(stage.plain ? words : [...words, "--config", config], {
          environment: settings(user),
          ...(stdin !== undefined && { stdin }),
        });
      return {
        login: (user, password) =>
          run(user, ["login", host, "-u", user, "--password-stdin"], password),
        push: (user, name, tag) =>
          run(user, ["copy", `oci:${stage.layout}:${stage.tag}`, `${host}/${name}:${tag}`]),
        pull: (user, name, tag) =>
          run(user, ["copy", `${host}/${name}:${tag}`, `oci:${fresh()}:x`]),
        copy: (user, from, to, tag) =>
          run(user, ["copy", `${host}/${from}:${tag}`, `${host}/${to}:${tag}`]),
        remove: (user, name, tag) => run(user, ["delete", "--yes", `${host}/${name}:${tag}`]),
      };
    },
  },
];
