/**
 * The schema of the sandbox's Scout. Docker publishes none: names and types are those of the one that its MCP server ships
 * (github.com/docker/hub-mcp), as far as something stands behind them here.
 */
import { attestations } from "./attestations.ts";
import { common } from "./common.ts";
import { exceptions } from "./exceptions.ts";
import { hardened } from "./hardened.ts";
import { images } from "./images.ts";
import { mutations } from "./mutations.ts";
import { organization } from "./organization.ts";
import { policies } from "./policies.ts";
import { queries } from "./queries.ts";
import { streams } from "./streams.ts";
import { vulnerabilities } from "./vulnerabilities.ts";
import { webhooks } from "./webhooks.ts";

/** In GraphQL's schema definition language. */
export const schemaText = [
  queries,
  mutations,
  common,
  images,
  vulnerabilities,
  attestations,
  policies,
  streams,
  exceptions,
  hardened,
  organization,
  webhooks,
].join("");
