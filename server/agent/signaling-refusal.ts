import { parseMessage, RockpoolError, wireErrorSchema } from '../../protocol/errors.ts';

/** Too slow (RFC 9110 §15.5.9), too much at once (RFC 6585 §4). */
const PASSING = new Set([408, 429]);

/** Whether another attempt may mend what signaling answered. */
export function isPassing({ status }: Response): boolean {
  return status >= 500 || PASSING.has(status);
}

/** What signaling said. @param otherwise where something between said something else. */
export async function refusalOf(response: Response, otherwise: string): Promise<RockpoolError> {
  try {
    const { code, message } = parseMessage(wireErrorSchema, await response.json(), 'refusal');
    return new RockpoolError(code, message);
  } catch (cause) {
    return new RockpoolError('bad-message', otherwise, { cause });
  }
}
