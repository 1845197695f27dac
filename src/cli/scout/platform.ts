/** Platforms as Docker Scout tells them. */
export interface PlatformLike {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | null | undefined;
}

/** `linux/arm64/v8` */
export function platformText(platform: PlatformLike | null | undefined): string {
  if (platform === undefined || platform === null) return "";
  const { os, architecture, variant } = platform;
  return [os, architecture, variant].filter(Boolean).join("/");
}
