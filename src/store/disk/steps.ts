/**
 * Every change to the disk announces itself here before it happens, and every look on which a promise to a client rests,
 * so that a test can fail or kill the process at each of them, or let another go first. Nobody listens otherwise.
 */

export type Step =
  | "create"
  | "write"
  | "sync"
  | "rename"
  | "link"
  | "remove"
  | "touch"
  | "look"
  | "turn"
  | "commit";

export type StepListener = (step: Step, path: string) => void;

let listener: StepListener | undefined;

/** Listens to all steps of this process; what the listener throws is what the step fails with. */
export function onStep(listen: StepListener | undefined): void {
  listener = listen;
}

export function announce(step: Step, path: string): void {
  listener?.(step, path);
}
