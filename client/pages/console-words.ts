import type { LiveMachine, MachineReport } from '../../protocol/console-report.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { EndReason, SessionState } from '../../protocol/session-state.ts';
import type { WatchState } from './console-watch.ts';
import { formatAgo } from './time-words.ts';

/** `good`: it takes games; `calm`: it does what it was told; `bad`: it needs somebody. */
export type Tone = 'good' | 'calm' | 'bad';

export interface MachineWords {
  readonly tone: Tone;
  /** A word or two, for the list. */
  readonly short: string;
  readonly title: string;
  /** What it means and what to do about it. */
  readonly advice: string;
}

/** A machine's state in words. */
export function describeMachine(state: WatchState): MachineWords {
  switch (state.name) {
    case 'loading':
      return {
        tone: 'calm',
        short: 'Asking…',
        title: 'Asking how it is',
        advice: 'The server is being asked.',
      };
    case 'refused':
      return {
        tone: 'bad',
        short: 'Link not accepted',
        title: 'This link is not accepted',
        advice: state.message,
      };
    case 'unknown':
      return {
        tone: 'bad',
        short: 'Not known here',
        title: 'Not known here',
        advice: state.message,
      };
    case 'failed':
      return {
        tone: 'bad',
        short: 'No answer',
        title: 'Nothing is known of it just now',
        advice: `${state.message} It is being asked again.`,
      };
    case 'ready':
      return state.report.live ? describeLive(state.report.live) : describeOffline(state.report);
  }
}

function describeOffline({ lastSeenAtMs, nowMs }: MachineReport): MachineWords {
  const since =
    lastSeenAtMs === null ? '' : ` It was last seen ${formatAgo(nowMs - lastSeenAtMs)}.`;
  return {
    tone: 'bad',
    short: 'Not connected',
    title: 'Not connected',
    advice: `Its container is stopped, or has lost its network.${since} It comes back by itself once it runs and reaches this server.`,
  };
}

function describeLive({ state, running, freeSlots }: LiveMachine): MachineWords {
  const playing = games(running.length);
  switch (state) {
    case 'standby':
      return running.length === 0
        ? {
            tone: 'good',
            short: 'Ready',
            title: 'Ready to play',
            advice: 'Players can start games on this machine. There is nothing to do.',
          }
        : {
            tone: 'good',
            short: `${playing}`,
            title: `${playing} being played`,
            advice: `There is room for more: ${places(freeSlots)} free.`,
          };
    case 'busy':
      return {
        tone: 'good',
        short: 'Full',
        title: `Full: ${playing} being played`,
        advice: 'Whoever comes next plays on another machine, or waits in line for this one.',
      };
    case 'draining':
      return running.length === 0
        ? {
            tone: 'calm',
            short: 'Drained',
            title: 'Drained: nothing is being played',
            advice:
              'No new game starts here. You can switch the machine off now, or have it take games again.',
          }
        : {
            tone: 'calm',
            short: 'Draining',
            title: `Draining: ${playing} ${running.length === 1 ? 'goes' : 'go'} on`,
            advice:
              'No new game starts here. When the last one is over, you can switch the machine off.',
          };
    case 'quarantined':
      return {
        tone: 'bad',
        short: 'Set aside',
        title: 'Set aside for a minute',
        advice:
          'It did not start games though it said it had room. It gets its next chance by itself; its log says what went wrong.',
      };
    case 'joining':
      return {
        tone: 'calm',
        short: 'Joining',
        title: 'Joining the pool',
        advice:
          'It is connected and has yet to say how much room it has. If this takes more than a minute, look at its log.',
      };
  }
}

function games(count: number): string {
  return `${count} ${count === 1 ? 'game' : 'games'}`;
}

function places(count: number): string {
  return `${count} ${count === 1 ? 'place is' : 'places are'}`;
}

/** How a session ended, for whom it did not happen to. */
export const ENDING_WORDS: Readonly<Record<EndReason, string>> = {
  'player-left': 'Player left',
  abandoned: 'Player did not come back',
  'game-over': 'Game was over',
  'build-changed': 'New version of the game',
  'shutting-down': 'Machine was stopped',
  'pool-closing': 'Rockpool was stopped',
  'worker-crashed': 'Game crashed',
  'game-failed': 'Game failed',
  'fetch-failed': 'Game could not be fetched',
  'missing-package': 'System package missing',
  'connect-timeout': 'No path to the player',
  'container-lost': 'Connection lost',
  'machine-degraded': 'Machine too slow',
  'host-left': 'Host left',
  'guest-removed': 'Guest was removed',
  'guest-codec': 'No video format in common',
};

const MISHAPS: ReadonlySet<EndReason> = new Set<EndReason>([
  'worker-crashed',
  'game-failed',
  'fetch-failed',
  'missing-package',
  'connect-timeout',
  'container-lost',
  'machine-degraded',
]);

/** Whether an end is one that its provider may want to look into. */
export function isMishap(reason: EndReason): boolean {
  return MISHAPS.has(reason);
}

export const RUNNING_WORDS: Readonly<Record<SessionState, string>> = {
  connecting: 'Connecting',
  streaming: 'Playing',
  interrupted: 'Waits for its player',
  ended: 'Over',
};

/** What a game is called, or its id made readable where the machine is away. */
export function titleOf({ live }: MachineReport, gameId: GameId): string {
  const title = live?.games.find((game) => game.gameId === gameId)?.title;
  return title ?? gameId.charAt(0).toUpperCase() + gameId.slice(1).replaceAll('-', ' ');
}
