import { type ReadonlySignal, signal } from '@preact/signals';
import { toRockpoolError } from '../../protocol/errors.ts';
import type { PlayedSession } from '../../protocol/player-messages.ts';
import {
  SIGNALING_TIMEOUT_MS,
  SignalingConnection,
} from '../player/connection/signaling-connection.ts';
import { Deadline } from '../player/deadline.ts';
import type { PlayerEnvironment } from '../player/player-environment.ts';

export type HistoryState =
  | { readonly name: 'loading' }
  | {
      readonly name: 'ready';
      /** Newest first. */
      readonly sessions: readonly PlayedSession[];
      /** Whether there are sessions from before these. */
      readonly older: 'there' | 'none' | 'reading';
    }
  | { readonly name: 'failed'; readonly message: string };

export type HistoryEnvironment = Pick<
  PlayerEnvironment,
  'openSocket' | 'localStorage' | 'scheduler' | 'random'
>;

const ignore = () => {};

/** What this player played, asked over a connection that plays nothing. */
export class HistoryFeed {
  readonly #deadline: Deadline;
  readonly #signaling: SignalingConnection;
  readonly #state = signal<HistoryState>({ name: 'loading' });
  /** The page after those shown, read ahead: nobody is offered older sessions that are not there. */
  #next: readonly PlayedSession[] | undefined;
  #reading = false;
  #closed = false;

  constructor({ openSocket, localStorage, scheduler, random }: HistoryEnvironment) {
    this.#deadline = new Deadline(scheduler);
    this.#await();
    this.#signaling = new SignalingConnection({
      openSocket,
      storage: localStorage,
      scheduler,
      random,
      listener: {
        handleWelcome: () => {
          if (this.#state.peek().name !== 'ready') void this.#readFirst();
        },
        handleRefused: (error) => this.#fail(error.message),
        handleSignal: ignore,
        handleSessionEnded: ignore,
        handleContainer: ignore,
        handlePlace: ignore,
        handleOffer: ignore,
        handleOfferOver: ignore,
      },
    });
  }

  get state(): ReadonlySignal<HistoryState> {
    return this.#state;
  }

  /** Shows the page after those shown. Nothing happens where there is none, or one is being read. */
  async showOlder(): Promise<void> {
    const state = this.#state.peek();
    if (state.name !== 'ready' || state.older !== 'there') return;
    if (!this.#next) await this.#readAhead();
    const page = this.#next;
    if (!page) return;
    this.#next = undefined;
    this.#show([...state.sessions, ...page], 'reading');
    await this.#readAhead();
  }

  /** After a failure. */
  retry(): void {
    this.#state.value = { name: 'loading' };
    this.#await();
    if (this.#signaling.ready) void this.#readFirst();
    else this.#signaling.reconnect();
  }

  close(): void {
    this.#closed = true;
    this.#deadline.cancel();
    this.#signaling.close();
  }

  #await(): void {
    this.#deadline.set(SIGNALING_TIMEOUT_MS, () => this.#fail('The server could not be reached.'));
  }

  async #readFirst(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const { sessions } = await this.#signaling.request('history', {});
      this.#deadline.cancel();
      this.#show(sessions, sessions.length > 0 ? 'reading' : 'none');
    } catch (thrown) {
      this.#fail(toRockpoolError(thrown).message);
    } finally {
      this.#reading = false;
    }
    await this.#readAhead();
  }

  async #readAhead(): Promise<void> {
    const state = this.#state.peek();
    const last = state.name === 'ready' ? state.sessions.at(-1) : undefined;
    if (state.name !== 'ready' || !last) return;
    const { sessions } = state;
    this.#show(sessions, 'reading');
    try {
      const answer = await this.#signaling.request('history', { beforeMs: last.startedAtMs });
      this.#next = answer.sessions;
      this.#show(sessions, answer.sessions.length > 0 ? 'there' : 'none');
    } catch (thrown) {
      if (this.#closed) return;
      console.error('Older sessions could not be read; the button asks again.', thrown);
      this.#show(sessions, 'there');
    }
  }

  #show(sessions: readonly PlayedSession[], older: 'there' | 'none' | 'reading'): void {
    this.#state.value = { name: 'ready', sessions, older };
  }

  #fail(message: string): void {
    this.#deadline.cancel();
    if (this.#state.peek().name !== 'ready') this.#state.value = { name: 'failed', message };
  }
}
