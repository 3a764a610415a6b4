import type { GameId } from '../../protocol/ids.ts';
import type { BuildId, BuildState } from '../../protocol/studio-builds.ts';
import type {
  BuildPatch,
  BuildRecord,
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
    if (games.some(({ gameId }) => gameId === record.gameId)) return false;
    games.push(kept(record));
    return true;
  }

  async updateGame(
    gameId: GameId,
    patch: Partial<Pick<GameRecord, 'title' | 'removedAtMs' | 'page'>>,
  ): Promise<boolean> {
    const { games } = this.memory;
    const index = games.findIndex((one) => one.gameId === gameId);
    const before = games[index];
    if (!before) return false;
    games[index] = { ...before, ...kept(patch) };
    return true;
  }

  async addBuild(record: Omit<BuildRecord, 'number'>): Promise<BuildRecord> {
    const [last] = await this.buildsOf(record.gameId, { limit: 1 });
    const build = { ...kept(record), number: (last?.number ?? 0) + 1 };
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
