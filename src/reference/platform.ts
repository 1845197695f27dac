/**
 * Platforms: `OS/ARCHITECTURE[/VARIANT]`, and which image runs where.
 * Source: OCI image-spec 1.1, "Image Index" (platform); matching follows containerd.
 */
import { WharfError } from "../errors.ts";
import type { Descriptor, Platform } from "./descriptor.ts";
import { quoted } from "./digest.ts";
import { rankPlatform } from "./platformRank.ts";

const architectures: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  i386: "386",
  i686: "386",
  x86_64: "amd64",
  "x86-64": "amd64",
};

/** Architectures and operating systems that may stand alone; the other half is this machine's. */
const knownArchitectures =
  /^(?:386|amd64|arm|arm64|loong64|mips|mipsle|mips64|mips64le|ppc64|ppc64le|riscv64|s390x|wasm)$/;
const knownSystems =
  /^(?:aix|android|darwin|dragonfly|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris|wasip1|windows|zos)$/;

// windows(10.0.17763+win32k)/amd64; the version may also stand at the end, after a colon.
const pattern =
  /^([\w-]{1,64})(?:\(([\w.-]{0,64})((?:\+[\w.-]{1,64}){0,16})\))?(?:\/([\w.-]{1,64})(?:\/([\w.-]{1,64}))?)?(?::([\w.-]{1,64}))?$/;

/**
 * Parses a platform: `linux/arm64/v8`, `windows(10.0.17763)/amd64`, `windows/amd64:10.0.17763`, an operating system or
 * an architecture alone, or `local`.
 *
 * @throws WharfError PLATFORM_INVALID
 * @example
 * parsePlatform("linux/aarch64") // { os: "linux", architecture: "arm64" }
 */
export function parsePlatform(text: string): Platform {
  if (text === "local") return localPlatform();
  const match = text.length > 2048 ? null : pattern.exec(text);
  if (!match) throw platformError(text, "is not OS/ARCHITECTURE[/VARIANT]");
  const [, first = "", inner = "", features = "", architecture, variant, last = ""] = match;
  if (inner !== "" && last !== "") throw platformError(text, "has two versions");
  const version = inner || last;
  const options = {
    ...(version !== "" && { "os.version": version }),
    ...(features !== "" && { "os.features": features.slice(1).split("+") }),
  };
  if (architecture !== undefined)
    return normalizePlatform({
      os: first,
      architecture,
      ...(variant !== undefined && { variant }),
      ...options,
    });
  const local = localPlatform();
  const system = normalizePlatform({ ...local, os: first });
  if (knownSystems.test(system.os)) return { ...withoutVersion(local), os: system.os, ...options };
  const machine = normalizePlatform({ os: local.os, architecture: first });
  if (knownArchitectures.test(machine.architecture) && version + features === "") return machine;
  throw platformError(text, "is neither an operating system nor an architecture that is known");
}

/** `linux/arm/v7`, `windows(10.0.17763)/amd64`; `parsePlatform` gives the same again. */
export function formatPlatform(platform: Platform): string {
  const features = (platform["os.features"] ?? []).map((feature) => `+${feature}`).join("");
  const options = (platform["os.version"] ?? "") + features;
  const os = (platform.os || "unknown") + (options === "" ? "" : `(${options})`);
  const variant = platform.variant ? `/${platform.variant}` : "";
  return `${os}/${platform.architecture || "unknown"}${variant}`;
}

/** The one spelling of a platform: names as Go has them; no variant where it says nothing new. */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const { architecture, variant } = normalizeMachine(
    platform.architecture.toLowerCase(),
    (platform.variant ?? "").toLowerCase(),
  );
  const features = platform["os.features"];
  const result: Platform = { os: os === "macos" ? "darwin" : os, architecture };
  return {
    ...result,
    ...(variant !== "" && { variant }),
    ...(platform["os.version"] && { "os.version": platform["os.version"] }),
    ...(features?.length && { "os.features": [...new Set(features)].sort() }),
  };
}

/** What containers on this machine run on. On macOS they run in a Linux machine. */
export function localPlatform(): Platform {
  const { arch, platform, config } = process;
  const architecture = { x64: "amd64", ia32: "386", ppc64: "ppc64le", mipsel: "mipsle" }[
    arch as string
  ];
  const variables = config.variables as { arm_version?: string };
  return normalizePlatform({
    os: platform === "win32" ? "windows" : platform === "darwin" ? "linux" : platform,
    architecture: architecture ?? arch,
    ...(arch === "arm" && { variant: `v${variables.arm_version ?? "7"}` }),
    ...(platform === "win32" && {
      "os.version": process.getBuiltinModule("node:os").release(),
    }),
  });
}

/** Whether an image for `offered` runs on `wanted`: the same, or something older that it understands. */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  return rankPlatform(normalizePlatform(wanted), normalizePlatform(offered)) !== undefined;
}

/**
 * The descriptor that suits `wanted` best, of those that match; of equals the first. Descriptors without platform and
 * attestations never do.
 */
export function choosePlatform(
  wanted: Platform,
  offered: readonly Descriptor[],
): Descriptor | undefined {
  const target = normalizePlatform(wanted);
  let best: { descriptor: Descriptor; rank: readonly number[] } | undefined;
  for (const descriptor of offered) {
    if (descriptor.platform === undefined || isAttestation(descriptor)) continue;
    const rank = rankPlatform(target, normalizePlatform(descriptor.platform));
    if (rank === undefined) continue;
    // What is attached to an image may carry the image's platform; the image itself goes first.
    const full = [descriptor.artifactType === undefined ? 0 : 1, ...rank];
    if (best === undefined || isBefore(full, best.rank)) best = { descriptor, rank: full };
  }
  return best?.descriptor;
}

function isAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
}

function isBefore(left: readonly number[], right: readonly number[]): boolean {
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function normalizeMachine(name: string, variant: string) {
  const architecture = architectures[name] ?? name;
  switch (architecture) {
    case "386":
      return { architecture, variant: "" };
    case "amd64":
      return { architecture, variant: variant === "v1" ? "" : variant };
    case "arm64":
      if (/^v?8(?:\.0)?$/.test(variant)) return { architecture, variant: "" };
      return { architecture, variant: /^v?9(?:\.0)?$/.test(variant) ? "v9" : variant };
    case "armhf":
      return { architecture: "arm", variant: "v7" };
    case "armel":
      return { architecture: "arm", variant: "v6" };
    case "arm":
      if (variant === "") return { architecture, variant: "v7" };
      return { architecture, variant: /^[5-8]$/.test(variant) ? `v${variant}` : variant };
    default:
      return { architecture, variant };
  }
}

function withoutVersion(platform: Platform): Platform {
  const { "os.version": _, ...rest } = platform;
  return rest;
}

function platformError(text: string, why: string): WharfError {
  return new WharfError("PLATFORM_INVALID", `Platform ${quoted(text)} ${why}`);
}
