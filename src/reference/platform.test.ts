import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import type { Descriptor, Platform } from "./descriptor.ts";
import { mediaTypes } from "./descriptor.ts";
import {
  choosePlatform,
  formatPlatform,
  localPlatform,
  matchesPlatform,
  normalizePlatform,
  parsePlatform,
} from "./platform.ts";

describe("a platform is parsed into Go's names", () => {
  const cases: [text: string, formatted: string][] = [
    ["linux/amd64", "linux/amd64"],
    ["Linux/X86_64", "linux/amd64"],
    ["linux/x86-64/v1", "linux/amd64"],
    ["linux/amd64/v3", "linux/amd64/v3"],
    ["linux/i386", "linux/386"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm64/8.0", "linux/arm64"],
    ["linux/arm64/v9.0", "linux/arm64/v9"],
    ["linux/arm64/v8.2", "linux/arm64/v8.2"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/6", "linux/arm/v6"],
    ["linux/armhf", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6"],
    ["macos/arm64", "darwin/arm64"],
    ["linux/riscv64/rva23u64", "linux/riscv64/rva23u64"],
    ["unknown/unknown", "unknown/unknown"],
    ["windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"],
    ["windows/amd64:10.0.17763.1", "windows(10.0.17763.1)/amd64"],
    ["windows(10.0.17763+win32k)/amd64", "windows(10.0.17763+win32k)/amd64"],
  ];
  for (const [text, formatted] of cases)
    test(text, () => {
      assert.equal(formatPlatform(parsePlatform(text)), formatted);
      assert.deepEqual(parsePlatform(formatted), parsePlatform(text));
    });

  test("half of one is completed by this machine", () => {
    const local = localPlatform();
    assert.deepEqual(parsePlatform("local"), local);
    assert.equal(parsePlatform("s390x").os, local.os);
    assert.equal(parsePlatform("s390x").architecture, "s390x");
    assert.equal(parsePlatform("freebsd").architecture, local.architecture);
  });

  test("or refused", () => {
    const bad = ["", "/", "linux/", "linux/amd64/v1/x", "linux//v1", "foo", "linux/a md64", "*/*"];
    for (const text of [...bad, "windows(1)/amd64:2", "linux(/amd64", "a/".repeat(1e6)])
      assert.throws(
        () => parsePlatform(text),
        (error) => isError(error, "PLATFORM_INVALID"),
        text.slice(0, 30),
      );
  });
});

test("parse after format is the identity for normal platforms", () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const arbitrary = fc
    .record(
      {
        os: word,
        architecture: fc.oneof(word, fc.constantFrom("amd64", "arm", "arm64", "386")),
        variant: fc.constantFrom("v1", "v5", "v8", "v9.2", "x"),
        "os.version": fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,3}$/),
        "os.features": fc.array(word, { maxLength: 3 }),
      },
      { requiredKeys: ["os", "architecture"] },
    )
    .map((platform) => normalizePlatform(platform as Platform));
  fc.assert(
    fc.property(arbitrary, (platform) => {
      assert.deepEqual(parsePlatform(formatPlatform(platform)), platform);
      assert.deepEqual(normalizePlatform(platform), platform);
      assert.ok(matchesPlatform(platform, platform));
    }),
  );
});

describe("what runs where", () => {
  const cases: [wanted: string, runs: string[], runsNot: string[]][] = [
    ["linux/arm64", ["linux/arm64/v8", "linux/arm/v7", "linux/arm/v5"], ["linux/arm64/v8.1"]],
    [
      "linux/arm64/v8.2",
      ["linux/arm64/v8.1", "linux/arm64"],
      ["linux/arm64/v8.3", "linux/arm64/v9"],
    ],
    [
      "linux/arm64/v9.1",
      ["linux/arm64/v9", "linux/arm64/v8.6", "linux/arm64/v8", "linux/arm"],
      ["linux/arm64/v8.7", "linux/arm64/v9.2"],
    ],
    [
      "linux/arm",
      ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"],
      ["linux/arm/v8", "linux/arm64"],
    ],
    ["linux/arm/v6", ["linux/arm/v5"], ["linux/arm/v7"]],
    ["linux/amd64", ["linux/amd64/v1", "linux/386"], ["linux/amd64/v2", "linux/arm64"]],
    ["linux/amd64/v3", ["linux/amd64/v2", "linux/amd64", "linux/386"], ["linux/amd64/v4"]],
    ["linux/386", ["linux/i386"], ["linux/amd64"]],
    ["linux/riscv64/rva22u64", ["linux/riscv64"], ["linux/riscv64/rva23u64"]],
    ["linux/ppc64le", ["linux/ppc64le"], ["linux/ppc64", "windows/ppc64le"]],
    ["windows/amd64", ["windows(10.0.17763.1)/amd64", "windows/amd64"], ["linux/amd64"]],
    [
      "windows(10.0.17763.2000)/amd64",
      ["windows(10.0.17763.1)/amd64", "windows/amd64"],
      ["windows(10.0.14393.1)/amd64", "windows(10.0.20348.1)/amd64", "windows(6.0.17763)/amd64"],
    ],
    ["windows(10.0)/amd64", ["windows(10.0.17763.1)/amd64"], ["windows(6.3.9600)/amd64"]],
    [
      "windows(10.0.26100)/amd64",
      ["windows(10.0.26100.1)/amd64", "windows(10.0.20348.1)/amd64"],
      ["windows(10.0.17763.1)/amd64", "windows(10.0.26200.1)/amd64"],
    ],
    ["windows/amd64", [], ["windows(10.0.17763+win32k)/amd64"]],
    ["windows(+win32k)/amd64", ["windows(10.0.1+win32k)/amd64", "windows/amd64"], []],
  ];
  for (const [wanted, runs, runsNot] of cases)
    test(wanted, () => {
      const target = parsePlatform(wanted);
      for (const text of runs) assert.ok(matchesPlatform(target, parsePlatform(text)), text);
      for (const text of runsNot) assert.ok(!matchesPlatform(target, parsePlatform(text)), text);
    });
});

describe("of several that run, the best is chosen", () => {
  const offer = (platform: string | undefined, more: Partial<Descriptor> = {}): Descriptor => ({
    mediaType: mediaTypes.ociManifest,
    digest: `sha256:${"0".repeat(64)}`,
    size: 1,
    ...(platform !== undefined && { platform: parsePlatform(platform) }),
    ...more,
  });
  const cases: [wanted: string, offered: string[], chosen: string | undefined][] = [
    ["linux/amd64", ["linux/386", "linux/arm64", "linux/amd64"], "linux/amd64"],
    ["linux/amd64", ["linux/386", "linux/arm64"], "linux/386"],
    ["linux/amd64/v4", ["linux/amd64", "linux/amd64/v2", "linux/amd64/v3"], "linux/amd64/v3"],
    ["linux/arm", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6"],
    ["linux/arm64", ["linux/arm/v7", "linux/arm64/v8"], "linux/arm64"],
    ["linux/arm64/v9", ["linux/arm64", "linux/arm64/v8.5", "linux/arm"], "linux/arm64/v8.5"],
    ["linux/s390x", ["linux/amd64"], undefined],
    [
      "windows/amd64",
      ["windows(10.0.1.1)/amd64", "windows(10.0.2.1)/amd64"],
      "windows(10.0.1.1)/amd64",
    ],
    [
      "windows(10.0.26100)/amd64",
      [
        "windows/amd64",
        "windows(10.0.20348.9)/amd64",
        "windows(10.0.26100.1)/amd64",
        "windows(10.0.26100.7)/amd64",
      ],
      "windows(10.0.26100.7)/amd64",
    ],
    [
      "windows(10.0.17763.3)/amd64",
      ["windows(10.0.17763.9)/amd64", "windows(10.0.17763.3)/amd64"],
      "windows(10.0.17763.3)/amd64",
    ],
  ];
  for (const [wanted, offered, chosen] of cases)
    test(`${wanted} of ${offered.join(", ")}`, () => {
      const choice = choosePlatform(
        parsePlatform(wanted),
        offered.map((text) => offer(text)),
      );
      assert.equal(choice?.platform && formatPlatform(choice.platform), chosen);
    });

  test("never an attestation or what says no platform, and an artifact only after images", () => {
    const attestation = offer("linux/amd64", {
      annotations: { "vnd.docker.reference.type": "attestation-manifest" },
    });
    const artifact = offer("linux/amd64", { artifactType: "application/x" });
    const image = offer("linux/386");
    const wanted = parsePlatform("linux/amd64");
    assert.equal(choosePlatform(wanted, [offer(undefined), attestation]), undefined);
    assert.equal(choosePlatform(wanted, [artifact, image]), image);
    assert.equal(choosePlatform(wanted, [artifact]), artifact);
  });

  test("of equals the first", () => {
    const [first, second] = [offer("linux/arm64/v8", { size: 2 }), offer("linux/arm64")];
    assert.equal(choosePlatform(parsePlatform("linux/arm64"), [first, second]), first);
  });
});

test("what matches is what can be chosen", () => {
  const platform = fc
    .tuple(
      fc.constantFrom("linux", "windows"),
      fc.constantFrom("amd64", "arm64", "arm", "386"),
      fc.constantFrom("", "/v1", "/v3", "/v6", "/v8", "/v8.3", "/v9.4"),
    )
    .map((parts) => parsePlatform(`${parts[0]}/${parts[1]}${parts[2]}`));
  fc.assert(
    fc.property(platform, fc.array(platform, { maxLength: 5 }), (wanted, offered) => {
      const descriptors = offered.map((item) => ({
        mediaType: mediaTypes.ociManifest,
        digest: `sha256:${"0".repeat(64)}`,
        size: 1,
        platform: item,
      }));
      const choice = choosePlatform(wanted, descriptors);
      const matching = offered.some((item) => matchesPlatform(wanted, item));
      assert.equal(choice !== undefined, matching);
      if (choice?.platform) assert.ok(matchesPlatform(wanted, choice.platform));
    }),
  );
});
