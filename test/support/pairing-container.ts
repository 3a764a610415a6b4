import {
  type AssignAnswer,
  type AssignRequest,
  type ConfirmRequest,
  type ContainerLoad,
  type JoinRequest,
  LOAD_INTERVAL_MS,
} from '../../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { GameId, PlayerId, SessionId } from '../../protocol/ids.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
  type SessionState,
} from '../../protocol/session-state.ts';
import { SessionRoom } from '../../server/agent/session-room.ts';
import type { KnownContainer } from '../../signaling/container-link.ts';
import { FAKE_NEEDS, fakeCapacity, fakeGame, fakeJoin } from './fake-container.ts';
import type { MortalTimers, PairingClock } from './pairing-clock.ts';
import { type Command, PairingLink, type PairingLinkListener } from './pairing-link.ts';
import type { PairingNode } from './pairing-node.ts';

export const PAIRING_GAMES = ['go', 'chess'] as const satisfies readonly GameId[];

/** Longer than anybody waits for whom there is another place, shorter than a container is given. */
const SLOW_MS = 1_500;

/** A session that runs. */
interface Game {
  readonly playerId: PlayerId;
  readonly gameId: GameId;
  readonly slot: number;
  state: SessionState;
  isEnding: boolean;
  cancelDeadline: () => void;
}

/**
 * A container without workers: its room is the real one, and it answers as the agent does, whenever a
 * test lets it.
 */
export class PairingContainer {
  readonly hello: KnownContainer;
  readonly slots: number;
  /** What it has been told and not finished yet, in whatever order it gets to that; its answer may get lost. */
  readonly work: ((isHeard: boolean) => void)[] = [];
  readonly games = new Map<SessionId, Game>();
  link: PairingLink | undefined;
  node: PairingNode | undefined;
  /** Whether whatever it is asked for fails. */
  broken = false;
  /** Whether it takes its time over whatever it is asked. */
  slow = false;
  readonly #clock: PairingClock;
  readonly #listener: PairingLinkListener;
  readonly #starting = new Map<SessionId, number>();
  readonly #reserved = new Set<SessionId>();
  /** By session: the slot, and what ends the hold. */
  readonly #trials = new Map<SessionId, { slot: number; cancelHold: () => void }>();
  #timers: MortalTimers;
  #room: SessionRoom;
  #joined = false;
  #cancelHeartbeat = () => {};

  constructor(
    hello: KnownContainer,
    slots: number,
    clock: PairingClock,
    listener: PairingLinkListener,
  ) {
    this.hello = hello;
    this.slots = slots;
    this.#clock = clock;
    this.#listener = listener;
    this.#timers = clock.timers();
    this.#room = this.#newRoom();
  }

  /** Connects to a node and says what it has. A connection before that is dropped unseen by its node. */
  join(node: PairingNode): void {
    this.#handleAway();
    const link = new PairingLink(this.hello, node.timers, this.#listener, (command) =>
      this.#handleCommand(link, command),
    );
    this.link = link;
    this.node = node;
    node.links.add(link);
    const request = this.#describe();
    link.say(() => {
      void node.handleJoin(link, request, () =>
        link.tell(() => {
          if (this.link !== link) return;
          this.#joined = true;
          this.#heartbeat();
        }),
      );
    });
  }

  /** Its connection breaks, and its node sees it at once. */
  leave(): void {
    const { link, node } = this;
    this.#handleAway();
    if (link && node?.alive) node.handleLinkLost(link);
  }

  /** Every session, every reservation and the connection are gone; it is there again at once. */
  crash(): void {
    this.leave();
    this.#timers.kill();
    this.#timers = this.#clock.timers();
    this.work.length = 0;
    this.games.clear();
    this.#starting.clear();
    this.#reserved.clear();
    this.#trials.clear();
    this.#room = this.#newRoom();
  }

  /** Its player has a connection to the game, or has none any more. */
  handlePeer(sessionId: SessionId, connected: boolean): void {
    const game = this.games.get(sessionId);
    if (!game || game.isEnding) return;
    game.cancelDeadline();
    game.state = connected ? 'streaming' : 'interrupted';
    const { state } = game;
    this.#say((node, link) => node.plane.hosted.handleSessionState(link, { sessionId, state }));
    if (connected) return;
    game.cancelDeadline = this.#timers.after(INTERRUPTED_GRACE_MS, () =>
      this.finish(sessionId, 'abandoned'),
    );
  }

  /** A session is over. */
  finish(sessionId: SessionId, reason: EndReason): void {
    const game = this.games.get(sessionId);
    if (!game) return;
    game.cancelDeadline();
    this.games.delete(sessionId);
    this.#say((node, link) => node.plane.hosted.handleSessionEnded(link, { sessionId, reason }));
    this.#room.release(sessionId);
  }

  isReserved(sessionId: SessionId): boolean {
    return this.#room.isReserved(sessionId);
  }

  get isEmpty(): boolean {
    return this.#room.isEmpty && this.games.size === 0 && this.#starting.size === 0;
  }

  /** Places that are taken or kept, by an account other than the room's own. */
  get taken(): number {
    const reserved = [...this.#reserved].filter((sessionId) => this.#room.isReserved(sessionId));
    return this.games.size + this.#starting.size + this.#trials.size + reserved.length;
  }

  /** Of the sessions that run or start. */
  get slotsInUse(): number[] {
    const tried = [...this.#trials.values()].map(({ slot }) => slot);
    const played = [...this.games.values()].map(({ slot }) => slot);
    return [...played, ...tried, ...this.#starting.values()];
  }

  #newRoom(): SessionRoom {
    const timers = this.#timers;
    return new SessionRoom({
      capacity: fakeCapacity(this.slots),
      slots: this.slots,
      availableMemoryBytes: () => Number.POSITIVE_INFINITY,
      after: (delayMs, task) => timers.after(delayMs, task),
      handleChange: () => this.#sayLoad(),
    });
  }

  #describe(): JoinRequest {
    return fakeJoin({
      slots: this.slots,
      games: PAIRING_GAMES.map((gameId) => fakeGame(gameId)),
      sessions: [...this.games].map(([sessionId, { playerId, gameId, state }]) => ({
        sessionId,
        playerId,
        gameId,
        state,
        attempt: 0,
      })),
    });
  }

  #handleAway(): void {
    this.#cancelHeartbeat();
    this.#joined = false;
    this.link?.abandon();
    this.link = undefined;
    this.node = undefined;
  }

  #heartbeat(): void {
    this.#sayLoad();
    this.#cancelHeartbeat = this.#timers.after(LOAD_INTERVAL_MS, () => this.#heartbeat());
  }

  #sayLoad(): void {
    if (!this.#joined) return;
    const { free, freeSlots } = this.#room;
    const load: ContainerLoad = { state: freeSlots > 0 ? 'standby' : 'busy', freeSlots, free };
    this.#say((node, link) => node.plane.containers.load(link, load));
  }

  /** News that the node does not take is only logged by an agent. */
  #say(message: (node: PairingNode, link: PairingLink) => void): void {
    const { node, link } = this;
    if (!node || !link) return;
    link.say(() => {
      try {
        message(node, link);
      } catch (error) {
        if (!(error instanceof RockpoolError)) throw error;
      }
    });
  }

  #handleCommand(link: PairingLink, command: Command): void {
    if (link !== this.link) return;
    const later = (finish: () => AssignAnswer | RockpoolError) => {
      const answer = (isHeard: boolean) => {
        const outcome = finish();
        if (isHeard) link.say(() => command.settle(outcome));
      };
      if (this.slow) this.#timers.after(SLOW_MS, () => this.work.push(answer));
      else this.work.push(answer);
    };
    try {
      later(this.#take(command));
    } catch (error) {
      later(() => toRockpoolError(error));
    }
  }

  /** @returns what is still to be done. @throws RockpoolError as the agent does. */
  #take(command: Command): () => AssignAnswer | RockpoolError {
    const { sessionId } = command.request;
    if (command.name === 'end') return this.#end(sessionId);
    if (this.broken) throw new RockpoolError('internal', 'This machine is broken.');
    switch (command.name) {
      case 'reserve':
        this.#room.reserve(sessionId, FAKE_NEEDS, command.request.holdMs);
        this.#reserved.add(sessionId);
        return () => ({ attempt: 0 });
      case 'assign':
        this.#starting.set(sessionId, this.#room.begin(sessionId, FAKE_NEEDS));
        this.#reserved.delete(sessionId);
        return () => this.#start(command.request);
      case 'trial': {
        const slot = this.#room.begin(sessionId, FAKE_NEEDS);
        const { holdMs } = command.request;
        const cancelHold = this.#timers.after(holdMs, () => this.#endTrial(sessionId));
        this.#trials.set(sessionId, { slot, cancelHold });
        return () => ({ attempt: 0 });
      }
      case 'confirm': {
        const trial = this.#trials.get(sessionId);
        if (!trial) throw new RockpoolError('unknown-session', 'That trial is over.');
        trial.cancelHold();
        this.#trials.delete(sessionId);
        this.#starting.set(sessionId, trial.slot);
        return () => this.#start(command.request);
      }
      case 'resume':
        this.#find(sessionId);
        return () => ({ attempt: 1 });
    }
  }

  #endTrial(sessionId: SessionId): void {
    this.#trials.get(sessionId)?.cancelHold();
    this.#trials.delete(sessionId);
    this.#room.release(sessionId);
  }

  #start({
    sessionId,
    playerId,
    gameId,
  }: AssignRequest | ConfirmRequest): AssignAnswer | RockpoolError {
    const slot = this.#starting.get(sessionId);
    this.#starting.delete(sessionId);
    if (slot === undefined || this.broken) {
      this.#room.release(sessionId);
      return new RockpoolError('game-failed', 'The game does not start.');
    }
    const cancelDeadline = this.#timers.after(CONNECT_TIMEOUT_MS, () =>
      this.finish(sessionId, 'connect-timeout'),
    );
    const state = 'connecting' as const;
    const game: Game = { playerId, gameId, slot, state, isEnding: false, cancelDeadline };
    this.games.set(sessionId, game);
    return { attempt: 0 };
  }

  #end(sessionId: SessionId): () => AssignAnswer {
    if (this.#room.isReserved(sessionId)) {
      this.#room.release(sessionId);
      return () => ({ attempt: 0 });
    }
    if (this.#trials.has(sessionId)) {
      this.#endTrial(sessionId);
      return () => ({ attempt: 0 });
    }
    this.#find(sessionId).isEnding = true;
    return () => {
      this.finish(sessionId, 'player-left');
      return { attempt: 0 };
    };
  }

  /** @throws RockpoolError `unknown-session` */
  #find(sessionId: SessionId): Game {
    const game = this.games.get(sessionId);
    if (game) return game;
    throw new RockpoolError('unknown-session', 'That session is over.');
  }
}
