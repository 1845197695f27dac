/** Flags that several commands take, said once. */

export const platformFlag = {
  about: "Choose from an index: linux/amd64, linux/arm/v7, local",
  value: "OS/ARCH[/VARIANT]",
  offers: ["local", "linux/amd64", "linux/arm64", "linux/arm/v7"],
} as const;

export const maxUnpackedFlag = {
  about: "Size that one layer may unpack to, such as 50GiB",
  value: "SIZE",
} as const;

export const yesFlag = { about: "Do not ask before deleting", short: "y" } as const;
