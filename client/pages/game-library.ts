import { type ReadonlySignal, signal } from '@preact/signals';
import { type GameListing, gameListSchema } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';

export type LibraryState =
  | { readonly name: 'loading' }
  | {
      readonly name: 'ready';
      readonly games: readonly GameListing[];
      /** True while the last refresh failed: what is shown may be out of date. */
      readonly stale: boolean;
    }
  | { readonly name: 'failed'; readonly message: string };

export type FetchGames = (address: string, init: RequestInit) => Promise<Response>;

/** What there is to play, as `GET /api/games` tells it. */
export class GameLibrary {
  readonly #fetch: FetchGames;
  readonly #state = signal<LibraryState>({ name: 'loading' });
  #pending: Promise<void> | undefined;

  constructor(fetchGames: FetchGames) {
    this.#fetch = fetchGames;
  }

  get state(): ReadonlySignal<LibraryState> {
    return this.#state;
  }

  /** The listing of a game, where the list has been read and has it. */
  find(gameId: GameId): GameListing | undefined {
    const state = this.#state.value;
    return state.name === 'ready' ? state.games.find((game) => game.id === gameId) : undefined;
  }

  /** Reads the list anew; a call during a read joins it. Failures become state, never a throw. */
  refresh(): Promise<void> {
    this.#pending ??= this.#read().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** Forgets a failure and shows that the list is being read again. */
  retry(): Promise<void> {
    if (this.#state.peek().name === 'failed') this.#state.value = { name: 'loading' };
    return this.refresh();
  }

  async #read(): Promise<void> {
    try {
      const response = await this.#fetch('/api/games', { headers: { accept: 'application/json' } });
      if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
      const { games } = gameListSchema.parse(await response.json());
      this.#state.value = { name: 'ready', games, stale: false };
    } catch (thrown) {
      const before = this.#state.peek();
      this.#state.value =
        before.name === 'ready'
          ? { ...before, stale: true }
          : { name: 'failed', message: describeFailure(thrown) };
    }
  }
}

function describeFailure(thrown: unknown): string {
  if (thrown instanceof TypeError) return 'The server could not be reached.';
  if (thrown instanceof Error && thrown.message.startsWith('The server')) return thrown.message;
  return 'The server answered with something this page does not understand.';
}
