import type { Logger } from 'pino';
import {
  assignRequestSchema,
  confirmRequestSchema,
  endRequestSchema,
  reserveRequestSchema,
  resumeRequestSchema,
  trialRequestSchema,
} from '../../protocol/container-messages.ts';
import { parseMessage, RockpoolError } from '../../protocol/errors.ts';
import { guestOrderSchema, guestSignalSchema } from '../../protocol/guest-messages.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { sessionSignalSchema } from '../../protocol/session-signal.ts';
import { tryOutRequestSchema } from '../../protocol/try-out-messages.ts';
import type { ContainerRegistry } from '../container-registry.ts';
import { endOn } from '../session-end.ts';
import { containerAway, isOver } from '../session-refusals.ts';
import type { Session, SessionRegistry } from '../session-registry.ts';
import type { Timers } from '../timers.ts';
import type { NodeCall, NodeId, SessionNews } from './node-messages.ts';
import { sessionFrom } from './session-news.ts';

/** After a reservation's own time its node has ended it, or is not heard any more. */
const FORGET_MARGIN_MS = 5_000;

export interface CommandDeskOptions {
  readonly nodeId: NodeId;
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Has containers of this node do what players of other nodes need. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  /** A container is being asked to start these. */
  readonly #starting = new Set<SessionId>();
  /** Cancels the end of what is kept. */
  readonly #kept = new Map<SessionId, () => void>();

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /** @throws RockpoolError what the container answered, or why it could not be asked. */
  async run(from: NodeId, { containerId, command, payload, session }: NodeCall): Promise<unknown> {
    const link = this.#options.containers.link(containerId);
    if (!link || link.roundTrip) throw containerAway();
    switch (command) {
      case 'reserve': {
        const request = parseMessage(reserveRequestSchema, payload, command);
        const held = this.#hold(from, session, request.sessionId);
        return this.#keep(held, request.holdMs, () => link.reserve(request));
      }
      case 'trial': {
        const request = parseMessage(trialRequestSchema, payload, command);
        const held = this.#hold(from, session, request.sessionId);
        return this.#keep(held, request.holdMs, () => link.trial(request));
      }
      case 'confirm': {
        const request = parseMessage(confirmRequestSchema, payload, command);
        const held = this.#hold(from, session, request.sessionId);
        return this.#during(held, () => link.confirm(request));
      }
      case 'assign': {
        const request = parseMessage(assignRequestSchema, payload, command);
        const held = this.#hold(from, session, request.sessionId);
        return this.#during(held, () => link.assign(request));
      }
      case 'resume':
        return link.resume(parseMessage(resumeRequestSchema, payload, command));
      case 'end': {
        const request = parseMessage(endRequestSchema, payload, command);
        const ending = this.#options.sessions.get(request.sessionId);
        // No container says that it has forgotten what had not begun.
        if (ending?.assigning) this.#options.sessions.remove(ending);
        return link.end(request);
      }
      case 'try-out':
        return link.tryOut(parseMessage(tryOutRequestSchema, payload, command));
      case 'signal':
        return link.signal(parseMessage(sessionSignalSchema, payload, command));
      case 'guests':
        return link.guests(parseMessage(guestOrderSchema, payload, command));
      case 'guest-signal':
        return link.guestSignal(parseMessage(guestSignalSchema, payload, command));
      default:
        return link[command]();
    }
  }

  close(): void {
    for (const cancel of this.#kept.values()) cancel();
    this.#kept.clear();
  }

  /** What its container is about to be asked for is counted, here and by all others. */
  #hold(from: NodeId, news: SessionNews | undefined, sessionId: SessionId): Session {
    const { sessions, nodeId } = this.#options;
    // It was called off while it was on its way here.
    if (!news || news.sessionId !== sessionId) throw isOver();
    const known = sessions.get(sessionId);
    if (known) {
      known.seat = from;
      // It may have been kept for another player before.
      known.playerId = news.playerId;
      return known;
    }
    const session = { ...sessionFrom(news, nodeId), seat: from };
    sessions.hold(session);
    return session;
  }

  /** @param holdMs for how long its container keeps the place. */
  async #keep<T>(session: Session, holdMs: number, ask: () => Promise<T>): Promise<T> {
    const { sessions, timers } = this.#options;
    const { sessionId } = session;
    const drop = () => {
      this.#kept.delete(sessionId);
      if (session.assigning && !this.#starting.has(sessionId)) sessions.remove(session);
    };
    try {
      const answer = await ask();
      this.#kept.set(sessionId, timers.after(holdMs + FORGET_MARGIN_MS, drop));
      return answer;
    } catch (error) {
      drop();
      throw error;
    }
  }

  async #during<T>(session: Session, assign: () => Promise<T>): Promise<T> {
    const { sessions, containers, log } = this.#options;
    const { sessionId, containerId } = session;
    this.#starting.add(sessionId);
    try {
      const answer = await assign();
      if (sessions.get(sessionId) !== session) {
        // The node that asked for it is gone, or has called it off.
        void endOn(containers.link(containerId), sessionId, log);
        throw new RockpoolError('game-failed', 'The game ended before it began. Try again.');
      }
      session.assigning = false;
      sessions.own(session, session.playerId);
      sessions.changed(session);
      return answer;
    } catch (error) {
      if (session.assigning) sessions.remove(session);
      throw error;
    } finally {
      this.#starting.delete(sessionId);
    }
  }
}
