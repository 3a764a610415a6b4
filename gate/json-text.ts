import { RockpoolError } from '../protocol/errors.ts';

/**
 * @param name of the file that the text is from.
 * @throws RockpoolError `bad-configuration` that says what is wrong with it.
 */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RockpoolError('bad-configuration', `${name} is not JSON: ${why}`, { cause });
  }
}
