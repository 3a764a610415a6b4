import type { ErrorCode, RockpoolError } from '../../protocol/errors.ts';
import type { PlayerProblem } from './player-snapshot.ts';

const PROBLEMS: Partial<Record<ErrorCode, PlayerProblem>> = {
  'turn-missed': 'turn-missed',
  'unknown-game': 'unknown-game',
  'no-common-codec': 'no-common-codec',
  'protocol-mismatch': 'protocol-mismatch',
  timeout: 'signaling-unreachable',
};

/** What a refusal means to a person. */
export function problemOf({ code }: RockpoolError): PlayerProblem {
  return PROBLEMS[code] ?? 'refused';
}
