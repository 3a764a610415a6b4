import type { GameId } from '../../protocol/ids.ts';
import type { BuildId, BuildState } from '../../protocol/studio-builds.ts';
import type {
  BuildPatch,
  BuildRecord,
  GamePatch,
  GameRecord,
  GameRecords,
  ReleaseRecord,
} from './game-store.ts';
import { MemoryGameReads } from './memory-game-reads.ts';
import { storable } from './storable-text.ts';

/** What is known of games and can be changed, in a copy of the memory. */
export class MemoryGameRecords extends MemoryGameReads implements GameRecords {
  async addGame(record: GameRecord): Promise<boolean> {
    const { games } = this.memory;
    const index = games.findIndex(({ gameId }) => gameId === record.gameId);
    const before = games[index];
    if (!before) games.push(kept(record));
    else if (before.goneAtMs === undefined || before.studioId !== record.studioId) return false;
    else games[index] = kept(record);
    return true;
  }

  async updateGame(gameId: GameId, patch: GamePatch): Promise<boolean> {
    const { games } = this.memory;
    const index = games.findIndex((one) => one.gameId === gameId);
    const before = games[index];
    if (!before) return false;
    games[index] = { ...before, ...kept(patch) };
    return true;
  }

  async addBuild(record: Omit<BuildRecord, 'number'>): Promise<BuildRecord> {
    const ofGame = this.memory.builds.filter(({ gameId }) => gameId === record.gameId);
    const last = Math.max(0, ...ofGame.map(({ number }) => number));
    const build = { ...kept(record), number: last + 1 };
    this.memory.builds.push(build);
    return structuredClone(build);
  }

  async updateBuild(
    buildId: BuildId,
    expectedStates: readonly BuildState[],
    patch: BuildPatch,
  ): Promise<boolean> {
    const { builds } = this.memory;
    const index = builds.findIndex((one) => one.buildId === buildId);
    const before = builds[index];
    if (!before || !expectedStates.includes(before.state)) return false;
    builds[index] = { ...before, ...kept(patch) };
    return true;
  }

  async addRelease(record: ReleaseRecord): Promise<void> {
    this.memory.releases.push(kept(record));
  }
}

/** A copy, with what a database would make of its texts. */
function kept<T>(value: T): T {
  return storable(structuredClone(value));
}
