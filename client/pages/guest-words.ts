import type { GuestStanding } from '../../protocol/guest-messages.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { PlayerProblem } from '../player/player-snapshot.ts';
import { END_MESSAGES, PROBLEM_MESSAGES, type StateMessage } from './state-messages.ts';

const NEW_LINK = 'Where its player goes on, they can send you a new link.';

function over(icon: StateMessage['icon'], title: string, body: string): StateMessage {
  return { icon, title, body, action: 'library', actionLabel: 'See what else there is' };
}

const MOVED = over(
  'server',
  'The game has moved',
  `It left the machine it ran on, and links end with that. ${NEW_LINK}`,
);
const GAME_ENDED = over('moon', 'The game has ended', `It is over for everybody. ${NEW_LINK}`);

const ENDS: Partial<Record<EndReason, StateMessage>> = {
  'player-left': {
    ...over('waves', 'You have left', 'The link lets you in again as long as it is open.'),
    action: 'restart',
    actionLabel: 'Join again',
  },
  'host-left': END_MESSAGES['host-left'],
  'guest-removed': END_MESSAGES['guest-removed'],
  'guest-codec': END_MESSAGES['guest-codec'],
  'container-lost': MOVED,
  'shutting-down': MOVED,
  'worker-crashed': MOVED,
  'machine-degraded': MOVED,
  'connect-timeout': {
    ...over(
      'hourglass',
      'The picture never arrived',
      'Your browser and the machine that runs the game could not reach each other. A firewall or VPN that blocks UDP is the usual reason.',
    ),
    action: 'restart',
    actionLabel: 'Try again',
  },
  abandoned: {
    ...over(
      'broken',
      'The connection did not come back',
      'Your place was kept for a minute. The link lets you in again as long as it is open.',
    ),
    action: 'restart',
    actionLabel: 'Join again',
  },
};

/** What a guest is told when their visit is over. */
export function guestEndMessage(reason: EndReason): StateMessage {
  return ENDS[reason] ?? GAME_ENDED;
}

/** What a guest is told who cannot come in. */
export function guestProblemMessage(problem: PlayerProblem): StateMessage {
  return PROBLEM_MESSAGES[problem];
}

/** What a guest may do, as it is said to them. */
export function ownStandingWords({ player, rights }: GuestStanding): string {
  if (player === null) return 'You are watching.';
  switch (rights) {
    case 'none':
      return `You are player ${player}, and may not steer now.`;
    case 'pad':
      return `You are player ${player}: use a gamepad.`;
    case 'all':
      return `You are player ${player}: use keyboard, mouse or gamepad.`;
  }
}

/** What holds the picture up, where something does. */
export function guestTrouble({ waiting, behind }: GuestStanding): string | undefined {
  if (waiting) return 'The player’s connection broke. The game waits for them.';
  if (behind) return 'Your network carries less than this picture takes, so it comes in jumps.';
  return undefined;
}
