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

const GUEST_PROBLEMS: Partial<Record<ErrorCode, PlayerProblem>> = {
  ...PROBLEMS,
  'invite-revoked': 'invite-revoked',
  'invite-full': 'invite-full',
  'unknown-session': 'invite-over',
  'container-lost': 'invite-over',
};

/** What a refusal means to somebody who came by a link. */
export function guestProblemOf({ code }: Pick<RockpoolError, 'code'>): PlayerProblem {
  return GUEST_PROBLEMS[code] ?? 'refused';
}
