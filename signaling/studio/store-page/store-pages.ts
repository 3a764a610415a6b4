import { createHash } from 'node:crypto';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { GameId } from '../../../protocol/ids.ts';
import type { PageMedia } from '../../../protocol/public-game.ts';
import type { ChangeStorePage, StorePage } from '../../../protocol/store-page.ts';
import type { GamePage } from '../../../protocol/studio-builds.ts';
import type { GameRecord } from '../../store/game-store.ts';
import type { StudioRecord, StudioStore } from '../../store/studio-store.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { actorOf, auditRecord } from '../accounts/audit-trail.ts';
import { studioGame } from '../games/studio-game.ts';

export interface StorePagesOptions {
  readonly store: StudioStore;
  /** What a game looks like to members of its studio. */
  readonly media: (slug: string, gameId: GameId) => Promise<PageMedia>;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

/** What studios say of their games on the pages that players see. */
export class StorePages {
  readonly #options: StorePagesOptions;

  constructor(options: StorePagesOptions) {
    this.#options = options;
  }

  /** @throws RockpoolError `not-found`, `forbidden` */
  async read(principal: Principal, studio: StudioRecord, gameId: GameId): Promise<StorePage> {
    demand(principal, studio.studioId, 'builds:read');
    return this.#tell(studio, await studioGame(this.#options.store.games, studio, gameId));
  }

  /**
   * What players see from then on.
   * @throws RockpoolError `not-found`, `forbidden`; `conflict` where it was changed since.
   */
  async change(
    principal: Principal,
    studio: StudioRecord,
    gameId: GameId,
    { page, revision }: ChangeStorePage,
  ): Promise<StorePage> {
    demand(principal, studio.studioId, 'releases:write');
    const { store, wallClockMs } = this.#options;
    const game = await store.transact(async (records) => {
      // One at a time: of two who change it at once the second is told.
      await records.lockStudio(studio.studioId);
      const before = await studioGame(records.games, studio, gameId);
      if (revisionOf(before.page) !== revision) {
        throw new RockpoolError(
          'conflict',
          'Somebody else has changed this page meanwhile. Copy what you wrote, reload, and put it in again.',
        );
      }
      if (revisionOf(page) === revision) return before;
      await records.games.updateGame(gameId, { page });
      const deed = {
        action: 'game.page-changed',
        studioId: studio.studioId,
        target: before.title,
        detail: changedParts(before.page, page).join(', '),
      } as const;
      await records.appendAudit(auditRecord(actorOf(principal), deed, wallClockMs()));
      return { ...before, page };
    });
    return this.#tell(studio, game);
  }

  async #tell({ slug }: StudioRecord, { gameId, page }: GameRecord): Promise<StorePage> {
    const media = await this.#options.media(slug, gameId);
    return { page, revision: revisionOf(page), media };
  }
}

function revisionOf({ description, summary, tags }: GamePage): string {
  const text = JSON.stringify([description, summary, tags]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function changedParts(before: GamePage, after: GamePage): string[] {
  const parts = ['description', 'summary', 'tags'] as const;
  return parts.filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]));
}
