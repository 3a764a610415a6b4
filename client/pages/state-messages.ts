import type { EndReason } from '../../protocol/session-state.ts';
import type { PlayerProblem } from '../player/player-snapshot.ts';
import type { IconName } from './icon.tsx';

/** What the first button of a state does. */
export type StateAction = 'restart' | 'reload' | 'library';

export interface StateMessage {
  readonly icon: IconName;
  readonly title: string;
  /** What happened and what to do about it. */
  readonly body: string;
  readonly action: StateAction;
  readonly actionLabel: string;
  /** What the session says of its own end takes the place of the body. */
  readonly speaksForItself?: boolean;
  /** The action is taken without a click. */
  readonly actsByItself?: boolean;
  /** What the lines after the first of that are; `undefined` says that they are the game's. */
  readonly linesTitle?: string;
}

export const END_MESSAGES: Readonly<Record<EndReason, StateMessage>> = {
  'player-left': {
    icon: 'waves',
    title: 'You left the game',
    body: 'Your place is free for someone else. Come back whenever you like.',
    action: 'restart',
    actionLabel: 'Play again',
  },
  abandoned: {
    icon: 'moon',
    title: 'The game waited, then ended',
    body: 'It was kept for you for a minute after the connection broke. You can start a new one.',
    action: 'restart',
    actionLabel: 'Play again',
  },
  'worker-crashed': {
    icon: 'stop',
    title: 'The game stopped unexpectedly',
    body: 'Your machine and the pool are fine. A fresh start takes about a second.',
    action: 'restart',
    actionLabel: 'Restart',
  },
  'game-failed': {
    icon: 'broken',
    title: 'The game could not go on',
    body: 'It reported a failure of its own. Starting it again often helps; if not, try another game.',
    action: 'restart',
    actionLabel: 'Restart',
    speaksForItself: true,
  },
  'game-over': {
    icon: 'moon',
    title: 'The game has ended',
    body: 'It closed by itself, as games do when you choose to quit in their menu.',
    action: 'restart',
    actionLabel: 'Play again',
  },
  'fetch-failed': {
    icon: 'server',
    title: 'The game did not get to the machine',
    body: 'The machine that was to run it could not fetch it. Trying again goes on from where it stopped.',
    action: 'restart',
    actionLabel: 'Try again',
    speaksForItself: true,
  },
  'missing-package': {
    icon: 'server',
    title: 'This game is not set up here yet',
    body: 'The machine lacks system packages that the game needs. Its operator can install them.',
    action: 'restart',
    actionLabel: 'Try again',
    speaksForItself: true,
    linesTitle: 'What to run on that machine',
  },
  'build-changed': {
    icon: 'rotate',
    title: 'There is a new version of this game',
    body: 'Its makers changed it while you played. The new version starts by itself.',
    action: 'restart',
    actionLabel: 'Start it now',
    actsByItself: true,
  },
  'connect-timeout': {
    icon: 'hourglass',
    title: 'The picture never arrived',
    body: 'Your browser and the machine that runs the game could not reach each other in time. A firewall or VPN that blocks UDP is the usual reason.',
    action: 'restart',
    actionLabel: 'Try again',
  },
  'container-lost': {
    icon: 'server',
    title: 'The machine that ran the game is gone',
    body: 'It was switched off or lost its network. A new game starts on another one where there is one.',
    action: 'restart',
    actionLabel: 'Restart',
  },
  'machine-degraded': {
    icon: 'server',
    title: 'The machine could not keep up',
    body: 'It became too slow for this game. A new game starts on a faster one where there is one.',
    action: 'restart',
    actionLabel: 'Play elsewhere',
  },
  'shutting-down': {
    icon: 'moon',
    title: 'This machine is closing for now',
    body: 'Its operator is taking it out of the pool. Another machine may have a place for you.',
    action: 'restart',
    actionLabel: 'Play elsewhere',
  },
  'pool-closing': {
    icon: 'moon',
    title: 'Rockpool is closing for now',
    body: 'Its operator stopped it. What you saved is kept; come back when it is up again.',
    action: 'restart',
    actionLabel: 'Try again',
  },
  'host-left': {
    icon: 'waves',
    title: 'The player has left',
    body: 'Whoever invited you has ended the game, and with it this link.',
    action: 'library',
    actionLabel: 'See what there is',
  },
  'guest-removed': {
    icon: 'signpost',
    title: 'This link was taken back',
    body: 'Whoever invited you has closed it. They can send you a new one.',
    action: 'library',
    actionLabel: 'See what there is',
  },
  'guest-codec': {
    icon: 'film',
    title: 'This picture cannot be shown here',
    body: 'The game is sent in a format this browser cannot show. Another browser will most likely work.',
    action: 'library',
    actionLabel: 'See what there is',
  },
};

export const PROBLEM_MESSAGES: Readonly<Record<PlayerProblem, StateMessage>> = {
  'no-webrtc': {
    icon: 'film',
    title: 'This browser cannot receive the game',
    body: 'WebRTC is missing or switched off. Use a current Chrome, Edge, Firefox or Safari, and check extensions that block WebRTC.',
    action: 'reload',
    actionLabel: 'Check again',
  },
  'no-common-codec': {
    icon: 'film',
    title: 'No video format in common',
    body: 'The machine sends none of the formats this browser can show. Another browser will most likely work.',
    action: 'library',
    actionLabel: 'Back to the library',
  },
  'turn-missed': {
    icon: 'hourglass',
    title: 'Your turn has passed',
    body: 'The place was kept for a while and then went to the next in line. You can line up again.',
    action: 'restart',
    actionLabel: 'Line up again',
  },
  'unknown-game': {
    icon: 'signpost',
    title: 'This game is not here',
    body: 'No machine in the pool has it now. The link may be old, or its machine has left.',
    action: 'library',
    actionLabel: 'See what there is',
  },
  'protocol-mismatch': {
    icon: 'retry',
    title: 'Rockpool was updated',
    body: 'This page is older than the server. Loading it again brings the two together.',
    action: 'reload',
    actionLabel: 'Reload',
  },
  'signaling-unreachable': {
    icon: 'plug',
    title: 'The server does not answer',
    body: 'Check your connection, and that Rockpool is running, then try again.',
    action: 'restart',
    actionLabel: 'Try again',
  },
  'connection-failed': {
    icon: 'broken',
    title: 'No path to the game',
    body: 'The game started, but its picture could not get through. Try again, or try another network: some block UDP.',
    action: 'restart',
    actionLabel: 'Try again',
  },
  refused: {
    icon: 'stop',
    title: 'The server said no',
    body: 'It did not accept this request. Waiting a moment and trying again helps where there were too many.',
    action: 'restart',
    actionLabel: 'Try again',
  },
  'invite-revoked': {
    icon: 'signpost',
    title: 'This link leads nowhere',
    body: 'It was taken back, or is not whole. Ask whoever sent it for a new one.',
    action: 'library',
    actionLabel: 'See what there is',
  },
  'invite-full': {
    icon: 'hourglass',
    title: 'There is no place left',
    body: 'As many are in this game as the link lets in. Somebody may leave soon.',
    action: 'restart',
    actionLabel: 'Try again',
  },
  'invite-over': {
    icon: 'moon',
    title: 'This game is over',
    body: 'A link lives as long as the game it was made in. Where its player goes on, they can send you a new one.',
    action: 'library',
    actionLabel: 'See what there is',
  },
};

/** Why a game goes on in another session, for those ends after which it does by itself. */
const MOVES: Partial<Record<EndReason, string>> = {
  'container-lost': 'The machine that ran your game was lost.',
  'worker-crashed': 'The game stopped unexpectedly.',
  'machine-degraded': 'The machine that ran your game could not keep up with it.',
  'shutting-down': 'The machine that ran your game was taken out of the pool.',
};

export function moveSentence(reason: EndReason): string {
  return MOVES[reason] ?? 'The session before this one ended.';
}

/** What a page says of an outcome. */
export interface Account {
  readonly body: string;
  /** A sentence beside the body. */
  readonly note: string | undefined;
  /** What was printed, for those who can read it. */
  readonly lines: string | undefined;
}

/** @param detail a sentence, and after its first line what was printed; may be empty. */
export function accountOf(message: StateMessage, detail: string | undefined): Account {
  const [sentence = '', ...rest] = (detail ?? '').split('\n');
  const said = sentence.trim() || undefined;
  const lines = rest.join('\n').trimEnd() || undefined;
  if (message.speaksForItself) return { body: said ?? message.body, note: undefined, lines };
  return { body: message.body, note: said, lines };
}
