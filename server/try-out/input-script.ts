import type { BuildManifest, TryOutStep } from '../../protocol/build-manifest.ts';
import { type InputMessage, POINTER_MAX } from '../../protocol/input-messages.ts';
import { MAX_TRY_OUT_MS, TRY_OUT_MS } from '../../protocol/try-out-report.ts';
import type { Scheduler } from '../../renderer/clock.ts';

type Unnumbered<T> = T extends unknown ? Omit<T, 'seq'> : never;

/** An input and when it is due, in milliseconds from the first window on. */
export interface TimedInput {
  readonly atMs: number;
  readonly input: Unnumbered<InputMessage>;
}

const MOUSE_BUTTONS = { left: 0, middle: 1, right: 2 } as const;

/** Start, in the W3C standard gamepad layout. */
const START_BUTTON = 9;

/** Games show a logo or two first. */
const WAIT_MS = 4_000;
const PRESS_INTERVAL_MS = 1_000;
const PRESS_MS = 100;

/** What the last of a script brings is to be seen, too. */
const AFTERMATH_MS = 2_000;

/** Of a build that says nothing: what begins most games. */
function usualSteps({ inputs }: Pick<BuildManifest, 'inputs'>): TryOutStep[] {
  const at = (place: number) => ({
    atMs: WAIT_MS + place * PRESS_INTERVAL_MS,
    holdMs: PRESS_MS,
  });
  const keys: TryOutStep[] = [
    { ...at(1), key: 'Enter' },
    { ...at(2), key: 'Space' },
  ];
  // Where a game knows no pads, Start stands for a key. It comes first: if it pauses, they go on.
  return inputs.includes('gamepad') ? [{ ...at(0), pad: START_BUTTON }, ...keys] : keys;
}

/** How long a build is run once it shows a window, in milliseconds: until its script has had its effect. */
export function runMsOf({ tryOut = [] }: Pick<BuildManifest, 'tryOut'>): number {
  const ends = tryOut.map(({ atMs, holdMs }) => atMs + holdMs + AFTERMATH_MS);
  return Math.min(MAX_TRY_OUT_MS, Math.max(TRY_OUT_MS, ...ends));
}

/** What is done to a build while nobody plays it, in order. */
export function scriptOf(manifest: Pick<BuildManifest, 'inputs' | 'tryOut'>): TimedInput[] {
  const steps = manifest.tryOut ?? usualSteps(manifest);
  const script = steps.flatMap(inputsOf);
  if (steps.some((step) => 'pad' in step)) {
    script.push({ atMs: 0, input: { type: 'pad-connected', pad: 0 } });
  }
  return script.sort((a, b) => a.atMs - b.atMs);
}

/** Pressed, and let go. */
function inputsOf(step: TryOutStep): TimedInput[] {
  const edge = (down: boolean): TimedInput['input'] => {
    if ('key' in step) return { type: 'key', down, code: step.key };
    if ('pad' in step) return { type: 'pad-button', pad: 0, button: step.pad, down };
    const { x, y, button } = step.click;
    return {
      type: 'button',
      down,
      button: MOUSE_BUTTONS[button],
      x: Math.round(x * POINTER_MAX),
      y: Math.round(y * POINTER_MAX),
    };
  };
  return [
    { atMs: step.atMs, input: edge(true) },
    { atMs: step.atMs + step.holdMs, input: edge(false) },
  ];
}

/** Does it all from now on. @returns what calls off the rest. */
export function playScript(
  script: readonly TimedInput[],
  scheduler: Scheduler,
  handleInput: (input: InputMessage) => void,
): () => void {
  let seq = 0;
  const cancels = script.map(({ atMs, input }) =>
    scheduler.after(atMs, () => handleInput({ ...input, seq: ++seq })),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}
