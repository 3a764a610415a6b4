import { RockpoolError } from '../../protocol/errors.ts';
import type { StudioBuilds } from './builds/studio-builds.ts';
import type { GameSessions } from './game-sessions.ts';
import type { LogRing } from './log-ring.ts';
import type { CommandHandlers } from './signaling-link.ts';
import type { TryOuts } from './try-outs.ts';

/** What of a container does as signaling says. */
export interface CommandedParts {
  readonly sessions: GameSessions;
  readonly studioBuilds: StudioBuilds;
  readonly tryOuts: TryOuts;
}

export interface Commanded {
  /** @throws RockpoolError before the machine is measured: nothing is asked of it then. */
  readonly parts: () => CommandedParts;
  /** Whether it was told to stop by who started it. */
  readonly isLeaving: () => boolean;
  /** Takes no new session. */
  readonly drain: () => Promise<unknown>;
  readonly recentLog: LogRing;
}

/** What signaling may ask of a container, and how it is done. */
export function commandHandlers({
  parts,
  isLeaving,
  drain,
  recentLog,
}: Commanded): CommandHandlers {
  return {
    reserve: (request) => {
      parts().sessions.reserve(request);
      return {};
    },
    assign: (request) => parts().sessions.assign(request),
    resume: (request) => parts().sessions.resume(request),
    trial: (request) => {
      parts().sessions.trial(request);
      return {};
    },
    confirm: (request) => parts().sessions.confirm(request),
    end: async ({ sessionId }) => {
      const { tryOuts, sessions } = parts();
      await (tryOuts.has(sessionId) ? tryOuts.end(sessionId) : sessions.end(sessionId));
      return {};
    },
    signal: (signal) => {
      parts().sessions.handleSignal(signal);
      return {};
    },
    guests: (order) => parts().sessions.askGuests(order),
    'guest-signal': (signal) => {
      parts().sessions.find(signal.sessionId).handleGuestSignal(signal);
      return {};
    },
    echo: () => ({}),
    drain: () => {
      // Who stops the container waits for the same end, and is told of it first.
      if (!isLeaving()) void drain();
      return {};
    },
    reopen: () => {
      if (isLeaving()) throw leavingError();
      parts().sessions.reopen();
      return {};
    },
    prefetch: (order) => {
      const { sessions, studioBuilds } = parts();
      if (sessions.isIdle) void studioBuilds.prefetch(order);
      return {};
    },
    'try-out': (request) => {
      parts().tryOuts.begin(request);
      return {};
    },
    log: () => ({ lines: recentLog.lines() }),
  };
}

function leavingError(): RockpoolError {
  return new RockpoolError(
    'no-free-slot',
    'This machine was told to stop, so it takes no more games. Start its container again.',
  );
}
