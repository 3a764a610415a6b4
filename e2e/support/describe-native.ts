import { describe } from 'vitest';
import { desktopProblem } from '../../renderer/desktop/desktop-requirements.ts';

const problem = await desktopProblem();

/** Runs a suite where native programs run; elsewhere it is counted as skipped, with the reason. */
export function describeNative(name: string, suite: () => void): void {
  if (problem === undefined) describe(name, suite);
  else describe.skip(`${name} (needs native programs, and none runs here: ${problem})`, suite);
}
