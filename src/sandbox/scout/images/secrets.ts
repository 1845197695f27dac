/** Secrets that somebody left in the configuration of an image: environment, labels, what made the layers. */
import type { Asked } from "../asked.ts";
import { configOf } from "./config.ts";
import type { Image } from "./image.ts";

interface Rule {
  readonly ruleId: string;
  readonly category: string;
  readonly title: string;
  readonly severity: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
  readonly pattern: RegExp;
}

const rules: readonly Rule[] = [
  {
    ruleId: "docker-pat",
    category: "Docker",
    title: "Docker access token",
    severity: "CRITICAL",
    pattern: /\bdckr_[op]at_[\w-]{20,}/g,
  },
  {
    ruleId: "github-token",
    category: "GitHub",
    title: "GitHub token",
    severity: "CRITICAL",
    pattern: /\bgh[opsu]_[A-Za-z0-9]{36,}/g,
  },
  {
    ruleId: "npm-access-token",
    category: "npm",
    title: "npm access token",
    severity: "CRITICAL",
    pattern: /\bnpm_[A-Za-z0-9]{36}/g,
  },
  {
    ruleId: "aws-access-key-id",
    category: "AWS",
    title: "AWS access key ID",
    severity: "CRITICAL",
    pattern: /\bAKIA[A-Z0-9]{16}\b/g,
  },
  {
    ruleId: "private-key",
    category: "Key",
    title: "Private key",
    severity: "HIGH",
    pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^-]*(?:-----END)?/g,
  },
  {
    ruleId: "password-in-url",
    category: "Password",
    title: "Password in an address",
    severity: "MEDIUM",
    pattern: /(?<=\w:\/\/[^\s:@/]{1,64}:)[^\s:@/]{4,}(?=@)/g,
  },
];

/** Findings of one place, and characters of it that are shown with each. */
const findingLimit = 20;
const shownLimit = 500;

/** Each place with what was found there; the secrets themselves are hidden. */
export async function secretsIn(asked: Asked, image: Image) {
  const { env, labels, history } = await configOf(asked, image);
  const places = [
    ...env.map((text) => ({ type: "ENV", text, location: null })),
    ...labels.map(({ key, value }) => ({ type: "LABEL", text: `${key}=${value}`, location: null })),
    ...history.map((text, ordinal) => ({ type: "HISTORY", text, location: { ordinal } })),
  ];
  return places.flatMap(({ type, text, location }) => {
    const matched = rules.flatMap(({ pattern, ...rule }) =>
      Array.from(text.matchAll(pattern), () => rule),
    );
    if (matched.length === 0) return [];
    const match = hidden(text).slice(0, shownLimit);
    const findings = matched.slice(0, findingLimit).map((rule) => ({ ...rule, match }));
    return [{ source: { type, location }, findings }];
  });
}

function hidden(text: string): string {
  return rules.reduce((shown, { pattern }) => shown.replace(pattern, "****"), text);
}
