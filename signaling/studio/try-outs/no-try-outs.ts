import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { StudioStore } from '../../store/studio-store.ts';
import type { TryOuts } from './try-outs.ts';

/** Where no machine tries builds: they wait, and say so. */
export class NoTryOuts implements TryOuts {
  readonly #store: StudioStore;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(store: StudioStore) {
    this.#store = store;
  }

  start(buildId: BuildId): void {
    const stateDetail = 'It waits for a machine that tries builds: there is none.';
    const told = this.#store
      .transact(({ games }) => games.updateBuild(buildId, ['trying'], { stateDetail }))
      // The store has said why in its own log; the next start says it again.
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(told));
    this.#underWay.add(told);
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
