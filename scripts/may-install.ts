/** Whether tests may install packages on this machine. */

export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined where there are no user ids. */
  readonly user: number | undefined;
  readonly inContainer: boolean;
}

/** Only who asks for it by `WHARF_TEST_APT=1`, or root where nobody's machine is changed: in CI or a container. */
export function mayInstall({ environment, user, inContainer }: Machine): boolean {
  const { WHARF_TEST_APT: asked, CI: ci } = environment;
  if (asked === "1") return true;
  const isCi = ci !== undefined && !["", "0", "false"].includes(ci.toLowerCase());
  return asked !== "0" && user === 0 && (isCi || inContainer);
}
