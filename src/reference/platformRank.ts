/** How well an image suits a machine; the rules are containerd's. Both platforms are normalized before. */
import type { Platform } from "./descriptor.ts";

/**
 * Lower is better, compared from left to right; undefined where it does not run.
 * First the processor (newer variants before older, `386` on `amd64` last), then the version of Windows.
 */
export function rankPlatform(wanted: Platform, offered: Platform): readonly number[] | undefined {
  if (wanted.os !== offered.os || !hasFeatures(wanted, offered)) return undefined;
  const machine = machines(wanted).indexOf(machineOf(offered));
  if (machine < 0) return undefined;
  const version = wanted.os === "windows" ? rankWindows(wanted, offered) : [];
  return version && [machine, ...version];
}

/** All machines whose programs run on `platform`, best first, as `ARCHITECTURE/VARIANT`. */
function machines(platform: Platform): readonly string[] {
  const { architecture, variant = "" } = platform;
  const own = machineOf(platform);
  const number = /^v(\d{1,2})(?:\.(\d{1,2}))?$/.exec(variant);
  const major = Number(number?.[1] ?? 0);
  const minor = Number(number?.[2] ?? 0);
  switch (architecture) {
    case "amd64":
      return [own, ...older("amd64", major - 1, 2), ...(variant === "" ? [] : ["amd64/"]), "386/"];
    case "arm":
      return [own, ...older("arm", major - 1, 5)];
    case "arm64": {
      const list = [own];
      if (major === 9) {
        list.push(...minors(9, minor - 1));
        // The architecture manual: v9.N has all of v8.(N+5); the v8 line ends with v8.9.
        list.push(...minors(8, Math.min(minor + 5, 9)));
      } else if (major === 8) list.push(...minors(8, minor - 1));
      return [...list, ...older("arm", 8, 5)];
    }
    default:
      // A variant asks for more than the base; what asks for nothing runs too.
      return variant === "" ? [own] : [own, `${architecture}/`];
  }
}

function machineOf({ architecture, variant = "" }: Platform): string {
  return `${architecture}/${variant}`;
}

function older(architecture: string, from: number, to: number): string[] {
  const list: string[] = [];
  for (let version = from; version >= to; version--) list.push(`${architecture}/v${version}`);
  return list;
}

function minors(major: 8 | 9, from: number): string[] {
  const list: string[] = [];
  for (let minor = from; minor > 0; minor--) list.push(`arm64/v${major}.${minor}`);
  if (from >= 0) list.push(major === 8 ? "arm64/" : "arm64/v9");
  return list;
}

/** An image needs nothing that the machine was not said to have. */
function hasFeatures(wanted: Platform, offered: Platform): boolean {
  const features = wanted["os.features"] ?? [];
  return (offered["os.features"] ?? []).every((feature) => features.includes(feature));
}

/** Windows Server 2022: from it on, a host runs images of all releases between it and its own. */
const stableBuild = 20_348;

function rankWindows(wanted: Platform, offered: Platform): readonly number[] | undefined {
  const host = versionNumbers(wanted);
  const image = versionNumbers(offered);
  if (host.length === 0) return [];
  if (image.length === 0) return [Number.MAX_SAFE_INTEGER];
  const [hostBuild = 0, imageBuild = 0] = [host[2], image[2]];
  const shared = Math.min(host.length, 2);
  if (host.slice(0, shared).some((part, index) => part !== image[index])) return undefined;
  if (host.length > 2 && imageBuild !== hostBuild) {
    if (imageBuild < stableBuild || imageBuild > hostBuild) return undefined;
  }
  // The host's own build and revision, then the newest.
  const revision = host[3] !== undefined && image[3] === host[3] ? 0 : 1;
  return [host.length > 2 ? hostBuild - imageBuild : -imageBuild, revision, -(image[3] ?? 0)];
}

function versionNumbers(platform: Platform): number[] {
  const version = platform["os.version"] ?? "";
  return version === "" ? [] : version.split(".").slice(0, 4).map(Number);
}
