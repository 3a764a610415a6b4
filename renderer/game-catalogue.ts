import type { GameInfo } from '../protocol/game-info.ts';
import type { GameId } from '../protocol/ids.ts';
import type { GameRuntime } from './game-runtime.ts';

/** A game this container can run. */
export interface CatalogueEntry {
  readonly info: GameInfo;
  /** Whether it needs a GPU, real or software. */
  readonly needsGpu: boolean;
  /** A fresh runtime for one session. */
  createRuntime(): GameRuntime;
}

/** The games built into Rockpool. */
export const BUILT_IN_GAMES: ReadonlyMap<GameId, CatalogueEntry> = new Map();
