import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RockpoolError } from '../protocol/errors.ts';

/** What ends bench and record early, with what there is by then. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What was asked for wrongly. */
export function refusal(message: string, cause?: unknown): RockpoolError {
  return new RockpoolError('bad-configuration', message, { cause });
}

/**
 * @param parse of options: throws for one that there is not, or one without its value.
 * @throws RockpoolError `bad-configuration` with the usage.
 */
export function orUsage<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refusal(`${why}\n\n${usage}`, cause);
  }
}

/** @throws RockpoolError `bad-configuration` that says what there is. */
export function oneOf<T extends string>(known: readonly T[], name: string, option: string): T {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  throw refusal(`${option} ${name}: there is ${known.join(', ')}.`);
}

/** @throws RockpoolError `bad-configuration` for what is no number between the two. */
export function numberOf(
  text: string | undefined,
  option: string,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw refusal(`${option} takes a number from ${least} to ${most}.`);
}

/**
 * Makes the folder of a file that is written when all is done: what took its time is not to be lost then.
 * @throws RockpoolError `bad-configuration` where there can be none.
 */
export async function makeRoomFor(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw refusal(`${path} cannot be written: there is no folder for it.`, cause);
  }
}
