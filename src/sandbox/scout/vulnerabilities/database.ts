/**
 * The vulnerabilities that the sandbox's Scout knows: a few that everybody knows, and invented ones of the program that
 * the images of the seed hold, whose numbers nobody gives away. It never changes by itself, so that tests can rely on it.
 */

export const severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"] as const;
export type Severity = (typeof severities)[number];

/** Versions of a package that have a vulnerability: from `from` on, before `fixed` or up to `to`. */
export interface Affected {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  /** @default the first */
  readonly from?: string;
  readonly fixed?: string;
  /** The last one, where none is known that mends it. */
  readonly to?: string;
}

export interface Cve {
  readonly id: string;
  readonly description: string;
  /** Of CVSS 3, 0 to 10; undefined where nobody has judged it yet. */
  readonly score?: number;
  readonly vector?: string;
  readonly cwes: readonly string[];
  readonly published: string;
  readonly updated: string;
  /** How likely it is to be exploited, and how many others are less likely, each from 0 to 1. */
  readonly epss?: readonly [score: number, percentile: number];
  /** Whether CISA lists it as exploited. */
  readonly exploited?: boolean;
  readonly affected: readonly Affected[];
}

const deb = (name: string, range: Omit<Affected, "type" | "namespace" | "name">): Affected => ({
  type: "deb",
  namespace: "debian",
  name,
  ...range,
});
const npm = (name: string, range: Omit<Affected, "type" | "namespace" | "name">): Affected => ({
  type: "npm",
  namespace: null,
  name,
  ...range,
});
/** What the images of the seed hold. */
const hello = (range: Omit<Affected, "type" | "namespace" | "name">): Affected => ({
  type: "generic",
  namespace: null,
  name: "hello",
  ...range,
});
const network = (impact: string) => `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/${impact}`;

export const database: readonly Cve[] = [
  {
    id: "CVE-2011-3374",
    description:
      "apt-key does not verify keys correctly, so that a key of somebody else may count.",
    score: 3.7,
    vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N",
    cwes: ["CWE-347"],
    published: "2019-11-26T00:15:00Z",
    updated: "2021-02-09T16:08:00Z",
    epss: [0.0015, 0.36],
    affected: [deb("apt", { from: "0" })],
  },
  {
    id: "CVE-2014-0160",
    description: "Heartbleed: the heartbeat extension of OpenSSL gives memory of the process away.",
    score: 7.5,
    vector: network("S:U/C:H/I:N/A:N"),
    cwes: ["CWE-125"],
    published: "2014-04-07T22:55:00Z",
    updated: "2025-10-22T01:15:00Z",
    epss: [0.9446, 0.9999],
    exploited: true,
    affected: [deb("openssl", { from: "1.0.1", fixed: "1.0.1e-2+deb7u5" })],
  },
  {
    id: "CVE-2020-28500",
    description: "trim and toNumber of lodash take very long for some texts.",
    score: 5.3,
    vector: network("S:U/C:N/I:N/A:L"),
    cwes: ["CWE-1333"],
    published: "2021-02-15T11:15:00Z",
    updated: "2022-09-13T21:25:00Z",
    epss: [0.0021, 0.44],
    affected: [npm("lodash", { from: "4.0.0", fixed: "4.17.21" })],
  },
  {
    id: "CVE-2021-23337",
    description: "The template function of lodash runs code that is in its options.",
    score: 7.2,
    vector: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H",
    cwes: ["CWE-94"],
    published: "2021-02-15T13:15:00Z",
    updated: "2022-09-13T21:25:00Z",
    epss: [0.0063, 0.7],
    affected: [npm("lodash", { fixed: "4.17.21" })],
  },
  {
    id: "CVE-2021-44228",
    description:
      "Log4Shell: log4j looks up what a logged text names, and runs what it finds there.",
    score: 10,
    vector: network("S:C/C:H/I:H/A:H"),
    cwes: ["CWE-20", "CWE-400", "CWE-502", "CWE-917"],
    published: "2021-12-10T10:15:00Z",
    updated: "2025-10-27T17:35:00Z",
    epss: [0.9436, 0.9996],
    exploited: true,
    affected: [
      {
        type: "maven",
        namespace: "org.apache.logging.log4j",
        name: "log4j-core",
        from: "2.0-beta9",
        fixed: "2.15.0",
      },
    ],
  },
  {
    id: "CVE-2022-37434",
    description: "inflate of zlib writes past its buffer for a large extra field of a gzip header.",
    score: 9.8,
    vector: network("S:U/C:H/I:H/A:H"),
    cwes: ["CWE-787"],
    published: "2022-08-05T07:15:00Z",
    updated: "2023-07-19T00:56:00Z",
    epss: [0.9262, 0.9973],
    affected: [deb("zlib", { fixed: "1:1.2.11.dfsg-2+deb11u2" })],
  },
  {
    id: "CVE-2023-44487",
    description: "Rapid reset: streams of HTTP/2 that are cancelled at once cost the server dear.",
    score: 7.5,
    vector: network("S:U/C:N/I:N/A:H"),
    cwes: ["CWE-400"],
    published: "2023-10-10T14:15:00Z",
    updated: "2025-06-11T17:29:00Z",
    epss: [0.9444, 0.9998],
    exploited: true,
    affected: [
      { type: "golang", namespace: "golang.org/x", name: "net", fixed: "0.17.0" },
      deb("nghttp2", { fixed: "1.52.0-1+deb12u1" }),
    ],
  },
  {
    id: "CVE-2024-3094",
    description: "Somebody has put a back door into the released archives of xz.",
    score: 10,
    vector: network("S:C/C:H/I:H/A:H"),
    cwes: ["CWE-506"],
    published: "2024-03-29T17:15:00Z",
    updated: "2025-02-06T09:15:00Z",
    epss: [0.8578, 0.9934],
    affected: [deb("xz-utils", { from: "5.5.1alpha-0.1", fixed: "5.6.1+really5.4.5-1" })],
  },
  {
    id: "CVE-2026-90001",
    description: "A greeting that is long enough is run instead of said.",
    score: 9.1,
    vector: network("S:U/C:H/I:H/A:N"),
    cwes: ["CWE-787"],
    published: "2026-02-03T08:00:00Z",
    updated: "2026-02-10T08:00:00Z",
    epss: [0.012, 0.81],
    affected: [hello({ fixed: "1.2.0" })],
  },
  {
    id: "CVE-2026-90002",
    description: "Whoever is greeted twice learns who was greeted in between.",
    score: 5.9,
    vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N",
    cwes: ["CWE-639"],
    published: "2026-03-11T08:00:00Z",
    updated: "2026-03-11T08:00:00Z",
    affected: [hello({ to: "1.6.0" })],
  },
  {
    id: "CVE-2026-90003",
    description:
      "A greeting that is said very often wakes the whole town. Nobody has judged it yet.",
    cwes: [],
    published: "2026-04-20T08:00:00Z",
    updated: "2026-04-20T08:00:00Z",
    affected: [hello({ from: "1.3.0", fixed: "1.6.0" })],
  },
  {
    id: "CVE-2026-90004",
    description: "A release that names itself may take another one's name.",
    score: 7.4,
    vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N",
    cwes: ["CWE-20"],
    published: "2025-11-17T08:00:00Z",
    updated: "2026-01-08T08:00:00Z",
    epss: [0.0031, 0.53],
    affected: [{ type: "generic", namespace: null, name: "os-release", fixed: "1.5.0" }],
  },
  {
    id: "CVE-2026-90005",
    description: "The greeting ends without a line break where the terminal is narrow.",
    score: 3.1,
    vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:N/I:L/A:N",
    cwes: ["CWE-400"],
    published: "2026-01-29T08:00:00Z",
    updated: "2026-01-29T08:00:00Z",
    affected: [hello({ fixed: "1.4.0" })],
  },
];

/** Source: CVSS 3.1, "Qualitative Severity Rating Scale". */
export function severityOf({ score }: Cve): Severity {
  if (score === undefined) return "UNSPECIFIED";
  if (score >= 9) return "CRITICAL";
  if (score >= 7) return "HIGH";
  if (score >= 4) return "MEDIUM";
  return score > 0 ? "LOW" : "UNSPECIFIED";
}

/** What the CWEs above are called. */
export const weaknesses: Readonly<Record<string, string>> = {
  "CWE-20": "Improper Input Validation",
  "CWE-94": "Improper Control of Generation of Code",
  "CWE-125": "Out-of-bounds Read",
  "CWE-347": "Improper Verification of Cryptographic Signature",
  "CWE-400": "Uncontrolled Resource Consumption",
  "CWE-502": "Deserialization of Untrusted Data",
  "CWE-506": "Embedded Malicious Code",
  "CWE-639": "Authorization Bypass Through User-Controlled Key",
  "CWE-787": "Out-of-bounds Write",
  "CWE-917": "Improper Neutralization of Special Elements used in an Expression Language Statement",
  "CWE-1333": "Inefficient Regular Expression Complexity",
};
