/** What stands behind each query and mutation of the schema. */
import type { Asked } from "../asked.ts";
import { attestationQueries } from "./attestations.ts";
import { exceptionMutations, exceptionQueries } from "./exceptions.ts";
import { hardenedMutations, hardenedQueries } from "./hardened.ts";
import { images } from "./images.ts";
import { organizationMutations, organizationQueries } from "./organization.ts";
import { policyQueries } from "./policies.ts";
import { recommendations } from "./recommendations.ts";
import { streamMutations } from "./streamChanges.ts";
import { streams } from "./streams.ts";
import { vulnerabilities } from "./vulnerabilities.ts";
import {
  notificationMutations,
  notificationQueries,
  webhookMutations,
  webhookQueries,
} from "./webhooks.ts";

/** By the names of the schema, which says what each takes. */
export const queries: Readonly<Record<string, unknown>> = {
  ...images,
  ...recommendations,
  ...vulnerabilities,
  ...attestationQueries,
  ...policyQueries,
  ...streams,
  ...exceptionQueries,
  ...hardenedQueries,
  ...organizationQueries,
  ...webhookQueries,
  ...notificationQueries,
};

const { dhiSetMirroredRepository, ...others } = {
  ...exceptionMutations,
  ...streamMutations,
  ...organizationMutations,
  ...hardenedMutations,
  ...webhookMutations,
  ...notificationMutations,
};

export const mutations: Readonly<Record<string, unknown>> = {
  dhiSetMirroredRepository,
  ...Object.fromEntries(
    Object.entries(others).map(([name, change]) => [name, whole(change as Change)]),
  ),
};

type Change = (input: unknown, asked: Asked) => unknown;

/** A mutation is done wholly or not at all, and what follows it in the document sees what it did. */
function whole(change: Change): Change {
  return (input, asked) => {
    try {
      return asked.state.transaction(() => change(input, asked));
    } finally {
      asked.known.clear();
    }
  };
}
