/** A sandbox whose Scout is asked, by clients and without. */
import type { TestContext } from "node:test";

import { connect } from "../../../src/entrance/registry.ts";
import { createScout, type Scout } from "../../../src/entrance/scout.ts";
import type { TestImage } from "../../image-builder.ts";
import { stage, type Stage } from "../stage.ts";

export interface ScoutStage extends Stage {
  /** A client for an account of the seed, or for nobody. */
  scout(who: string | undefined, secret?: string): Scout;
  /** Sends a document for somebody; what changes is allowed. */
  run(
    who: string,
    document: string,
    variables?: object,
    secret?: string,
  ): Promise<Record<string, Json>>;
  /** What a request below `/scout` is answered. */
  send(path: string, request?: RequestInit): Promise<{ status: number; body: Json }>;
  push(who: string, repository: string, image: TestImage): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into it as they like
export type Json = any;

/** An organization with a year behind it, and its owner. */
export const pier = { organization: "pier" };
export const latest = "latest-indexed";

export async function scoutStage(context: TestContext): Promise<ScoutStage> {
  const at = await stage(context);
  const { sandbox } = at;
  const clients: Scout[] = [];
  context.after(() => Promise.all(clients.map((client) => client.close())));
  const scout = (who: string | undefined, secret = `${who}-password`) => {
    const client = createScout({
      url: sandbox.hubUrl,
      scoutUrl: sandbox.scoutUrl,
      credentials:
        who === undefined ? { kind: "anonymous" } : { kind: "secret", identifier: who, secret },
      environment: {},
      retries: 0,
    });
    clients.push(client);
    return client;
  };
  return {
    ...at,
    scout,
    run: (who, document, variables = {}, secret = `${who}-password`) =>
      Promise.resolve(
        scout(who, secret).query(document, { ...variables }, { confirm: true }),
      ) as Promise<Record<string, Json>>,
    async send(path, request) {
      const response = await fetch(sandbox.scoutUrl + path, request);
      const text = await response.text();
      return {
        status: response.status,
        body: /^[[{]/.test(text) ? (JSON.parse(text) as Json) : text,
      };
    },
    async push(who, repository, image) {
      const registry = connect(`http://${who}:${who}-password@${sandbox.host}`);
      try {
        await image.pushTo(registry.repository(repository));
      } finally {
        await registry.close();
      }
    },
  };
}

/** The digest of an image for linux/amd64 that a tag names. */
export async function digestOf(
  { as }: Pick<Stage, "as">,
  who: string,
  path: string,
  tag: string,
): Promise<string> {
  const [namespace = "", repository = ""] = path.split("/");
  const { images } = await as(who).tags.get({ namespace, repository, tag });
  return images!.find(({ architecture }) => architecture === "amd64")!.digest!;
}
