import { describe } from 'vitest';
import { missingForDesktop } from '../../renderer/desktop/desktop-requirements.ts';
import { describeSandbox } from '../../renderer/sandbox/sandbox-description.ts';

/** Why this machine runs no native program, or undefined where it does. */
async function nativeProblem(): Promise<string | undefined> {
  return (await missingForDesktop()) ?? (await describeSandbox()).problem;
}

const problem = await nativeProblem();

/** Runs a suite where native programs run; elsewhere it is counted as skipped, with the reason. */
export function describeNative(name: string, suite: () => void): void {
  if (problem === undefined) describe(name, suite);
  else describe.skip(`${name} (needs native programs, and none runs here: ${problem})`, suite);
}
