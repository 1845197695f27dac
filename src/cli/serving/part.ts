/** What one concern of the server (access, certificates, logs, …) brings; each has its flags in a file of its own. */
import type { RunningServer, ServerOptions } from "../../server/server.ts";

export interface Part {
  /** Settings of the server. Of functions that are told of things (`on…`), those of all parts are called. */
  readonly options?: Partial<ServerOptions>;
  /** Called when the server listens. */
  started?(server: RunningServer): void;
  /** Called after the server has closed, the newest part first. */
  close?(): Promise<void>;
}

/** The settings of all parts together. */
export function optionsOf(parts: readonly Part[]): Partial<ServerOptions> {
  const together: Record<string, unknown> = {};
  for (const { options = {} } of parts)
    for (const [name, value] of Object.entries(options)) {
      const before = together[name];
      together[name] =
        name.startsWith("on") && isListener(before) && isListener(value)
          ? (...told: readonly unknown[]) => {
              before(...told);
              value(...told);
            }
          : value;
    }
  return together;
}

type Listener = (...told: readonly unknown[]) => void;
const isListener = (value: unknown): value is Listener => typeof value === "function";

/** Closes all, whatever fails; throws the first failure. */
export async function closeAll(parts: readonly Part[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed())
    await part.close?.().catch((error: unknown) => void failures.push(error));
  if (failures.length > 0) throw failures[0];
}
