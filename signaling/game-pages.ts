import type { Logger } from 'pino';
import type { GameListing } from '../protocol/game-info.ts';
import type { GameId } from '../protocol/ids.ts';
import type { PageMedia, PublicGame } from '../protocol/public-game.ts';
import type { GameRecord } from './store/game-store.ts';
import type { StudioStore } from './store/studio-store.ts';
import { coverMedia } from './studio/store-page/game-media.ts';
import type { Timers } from './timers.ts';

/** However many look at the library, what studios say in it is read once in so long. */
export const PAGES_FRESH_MS = 5_000;

export interface GamePagesOptions {
  readonly store: StudioStore;
  /** What there is to play now. */
  readonly listed: () => readonly GameListing[];
  /** What a game looks like. */
  readonly media: (gameId: GameId) => Promise<PageMedia>;
  readonly timers: Timers;
  readonly log: Logger;
}

/** What everybody may read of games: what containers tell of them, and what their studios say. */
export class GamePages {
  readonly #options: GamePagesOptions;
  #records: ReadonlyMap<GameId, GameRecord> = new Map();
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: GamePagesOptions) {
    this.#options = options;
  }

  /** Every game there is to play, with what its studio says in a line or two. */
  async library(): Promise<GameListing[]> {
    await this.#refresh();
    return this.#options.listed().map((listing) => this.#withWords(listing));
  }

  /** What the page of a game shows; undefined where there is no such game to play. */
  async find(gameId: GameId): Promise<PublicGame | undefined> {
    const { listed, media, store } = this.#options;
    const listing = listed().find(({ id }) => id === gameId);
    if (!listing) return undefined;
    await this.#refresh();
    const record = this.#records.get(gameId);
    const studio = record && (await this.#known(store.studio(record.studioId)));
    return {
      game: this.#withWords(listing),
      studio: studio?.name ?? null,
      description: record?.page.description ?? '',
      media: (await this.#known(media(gameId))) ?? coverMedia(listing.coverUrl),
    };
  }

  /** Undefined where the database does not tell: a game can be played all the same. */
  #known<T>(read: Promise<T>): Promise<T | undefined> {
    return read.catch((err: unknown) => {
      this.#options.log.warn({ err }, 'what a game looks like could not be read');
      return undefined;
    });
  }

  #withWords(listing: GameListing): GameListing {
    const page = this.#records.get(listing.id)?.page;
    if (!page) return listing;
    return { ...listing, summary: page.summary || listing.summary, tags: page.tags };
  }

  /** Nobody waits longer than for one query, and without the database all can be played as before. */
  #refresh(): Promise<void> {
    const { store, listed, timers, log } = this.#options;
    if (timers.nowMs() - this.#readMs < PAGES_FRESH_MS) return this.#reading ?? Promise.resolve();
    this.#readMs = timers.nowMs();
    const ids = listed().map(({ id }) => id);
    const read = store.games.gamesNamed(ids).then(
      (records) => {
        this.#records = new Map(records.map((record) => [record.gameId, record]));
      },
      (err: unknown) => log.warn({ err }, 'what studios say of their games could not be read'),
    );
    this.#reading = read.finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }
}
