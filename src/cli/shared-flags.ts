/** Flags that several commands take, said once. */

export const platformFlag = {
  about: "Choose from an index: linux/amd64, linux/arm/v7, local",
  value: "OS/ARCH[/VARIANT]",
} as const;

export const yesFlag = { about: "Do not ask before deleting", short: "y" } as const;
