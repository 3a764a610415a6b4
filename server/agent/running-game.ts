import type { RunningSession } from '../../protocol/container-messages.ts';
import type {
  GuestAnswer,
  GuestEnded,
  GuestRequest,
  GuestSignal,
} from '../../protocol/guest-messages.ts';
import type { GameId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { SessionProgress } from '../../protocol/session-progress.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { EndReason, SessionState } from '../../protocol/session-state.ts';
import type {
  ConnectOrder,
  FromWorker,
  NetworkRate,
  StartOrder,
} from '../worker/worker-messages.ts';
import { GuestDesk } from './guest-desk.ts';
import type { SessionWorker } from './worker-pool.ts';
import type { WorkerExit } from './worker-process.ts';

/**
 * What a worker gets to save and leave before it is killed: a game has three seconds to end, and a
 * save of the largest size took seven to pack on a loaded machine of two cores.
 */
const STOP_GRACE_MS = 12_000;

/** The part of a worker's process that a game needs. */
export type GameWorker = Pick<SessionWorker, 'pid' | 'send' | 'listen' | 'stop' | 'kill'>;

/** Where a running game reports; `handleEnded` comes last and once. */
export interface RunningGameListener {
  /** The worker died before it had closed everything: some of that is still on this machine. */
  handleWorkerDied(): void;
  handleSignal(signal: SessionSignal): void;
  handleState(sessionId: SessionId, state: SessionState): void;
  handleSave(playerId: PlayerId, gameId: GameId, save: Uint8Array): void;
  handleRate(playerId: PlayerId, rate: NetworkRate): void;
  /** In so many codecs its picture is encoded from now on. */
  handleEncodings(sessionId: SessionId, count: number): void;
  handleGuestSignal(signal: GuestSignal): void;
  handleGuestEnded(ended: GuestEnded): void;
  handleEnded(sessionId: SessionId, reason: EndReason, detail: string | undefined): void;
}

/** The agent's side of one session: its worker process and what is known of it. */
export class RunningGame {
  readonly sessionId: SessionId;
  readonly playerId: PlayerId;
  readonly gameId: GameId;
  readonly #worker: GameWorker;
  readonly #listener: RunningGameListener;
  readonly #guests: GuestDesk;
  #state: SessionState = 'connecting';
  #attempt = 0;
  #isEnding = false;
  #resolveEnded: () => void = () => undefined;
  /** Resolves when the worker is gone and all it said was heard. */
  readonly ended = new Promise<void>((resolve) => {
    this.#resolveEnded = resolve;
  });
  #end: { reason: EndReason; detail: string | undefined } | undefined;

  constructor(
    order: StartOrder,
    playerId: PlayerId,
    worker: GameWorker,
    listener: RunningGameListener,
  ) {
    this.sessionId = order.sessionId;
    this.playerId = playerId;
    this.gameId = order.gameId;
    this.#worker = worker;
    this.#listener = listener;
    this.#guests = new GuestDesk((message) => worker.send(message));
    worker.send(order);
    worker.listen({
      handleMessage: (message) => this.#handleMessage(message),
      handleMalformed: () => this.#worker.kill(),
      handleExit: (exit) => this.#handleExit(exit),
    });
  }

  get workerPid(): number | undefined {
    return this.#worker.pid;
  }

  /** Whether nothing more is played: what the game keeps may not have come yet. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  get attempt(): number {
    return this.#attempt;
  }

  describe(): RunningSession {
    const { sessionId, playerId, gameId } = this;
    return { sessionId, playerId, gameId, state: this.#state, attempt: this.#attempt };
  }

  /** Makes a new peer connection in the same worker; returns its number. */
  reconnect(order: Omit<ConnectOrder, 'type' | 'attempt'>): number {
    this.#attempt++;
    this.#worker.send({ ...order, type: 'connect', attempt: this.#attempt });
    return this.#attempt;
  }

  handleSignal(signal: SessionSignal): void {
    this.#worker.send({ type: 'signal', attempt: signal.attempt, payload: signal.payload });
  }

  /** What concerns the guests of this session. @throws RockpoolError */
  askGuests(request: GuestRequest, mayEncodeAnother: boolean): Promise<GuestAnswer> {
    return this.#guests.ask(request, mayEncodeAnother);
  }

  handleGuestSignal({ guestId, attempt, payload }: GuestSignal): void {
    this.#worker.send({ type: 'guest-signal', guestId, attempt, payload });
  }

  /** Why the game does not start yet. */
  tellProgress(progress: SessionProgress): void {
    this.#worker.send({ type: 'progress', progress });
  }

  /** What the game needs is there. */
  handlePrepared(): void {
    this.#worker.send({ type: 'prepared' });
  }

  /** Asks the worker to save and leave; resolves when its process is gone. */
  async end(reason: EndReason, detail?: string): Promise<void> {
    this.#isEnding = true;
    // A worker that does not get to say so ended for this reason all the same.
    this.#end ??= { reason, detail };
    this.#worker.send({ type: 'end', reason, ...(detail ? { detail } : {}) });
    await this.#worker.stop(STOP_GRACE_MS);
  }

  #handleMessage(message: FromWorker): void {
    const { sessionId } = this;
    switch (message.type) {
      case 'ready':
      case 'clean':
        break;
      case 'signal':
        this.#listener.handleSignal({
          sessionId,
          attempt: message.attempt,
          payload: message.payload,
        });
        break;
      case 'state':
        this.#state = message.state;
        this.#listener.handleState(sessionId, message.state);
        break;
      case 'save':
        this.#listener.handleSave(this.playerId, this.gameId, message.save);
        break;
      case 'rate':
        this.#listener.handleRate(this.playerId, message.rate);
        break;
      case 'encodings':
        this.#listener.handleEncodings(sessionId, message.count);
        break;
      case 'guest-answer':
        this.#guests.handleReply(message.requestId, message.reply);
        break;
      case 'guest-signal': {
        const { guestId, attempt, payload } = message;
        this.#listener.handleGuestSignal({ sessionId, guestId, attempt, payload });
        break;
      }
      case 'guest-gone': {
        const { guestId, reason } = message;
        this.#listener.handleGuestEnded({ sessionId, guestId, reason });
        break;
      }
      case 'ending':
        this.#isEnding = true;
        break;
      case 'ended':
        this.#end = { reason: message.reason, detail: message.detail };
        this.#worker.stop(STOP_GRACE_MS);
        break;
    }
  }

  #handleExit(exit: WorkerExit): void {
    this.#state = 'ended';
    this.#guests.close();
    const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
    const end = this.#end ?? { reason: 'worker-crashed', detail: `The worker ended with ${how}.` };
    if (exit.code !== 0) this.#listener.handleWorkerDied();
    this.#listener.handleEnded(this.sessionId, end.reason, end.detail);
    this.#resolveEnded();
  }
}

/** Waits for what a player's game keeps that they have just left, so that it is there again. */
export async function untilSaved(
  games: Iterable<Pick<RunningGame, 'playerId' | 'gameId' | 'isEnding' | 'ended'>>,
  playerId: PlayerId,
  gameId: GameId,
): Promise<void> {
  const ending = [...games].filter(
    (game) => game.isEnding && game.playerId === playerId && game.gameId === gameId,
  );
  await Promise.all(ending.map((game) => game.ended));
}
