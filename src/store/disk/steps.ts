/**
 * Every change to the disk announces itself here before it happens, so that a test can fail or kill the process at each
 * of them. Nobody listens otherwise.
 */

export type Step = "create" | "write" | "sync" | "rename" | "link" | "remove" | "commit";

export type StepListener = (step: Step, path: string) => void;

let listener: StepListener | undefined;

/** Listens to all steps of this process; what the listener throws is what the step fails with. */
export function onStep(listen: StepListener | undefined): void {
  listener = listen;
}

export function announce(step: Step, path: string): void {
  listener?.(step, path);
}
