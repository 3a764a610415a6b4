import { buildMediaPath, gameMediaPath } from '../../../protocol/game-media.ts';
import type { GameId } from '../../../protocol/ids.ts';
import type { PageMedia, PagePicture } from '../../../protocol/public-game.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { TryOutReport } from '../../../protocol/try-out-report.ts';
import type { GameReads } from '../../store/game-store.ts';
import { shownBuildOf } from '../releases/rollout.ts';

/** Covers of the library are of this size (renderer/cover.ts), or as wide at least as a card. */
const COVER = { width: 640, height: 360, format: 'webp' } as const;

/** Builds whose pictures are remembered; what is known of one does not change while it is released. */
const KNOWN_BUILDS = 500;

/** Looked through for one that was tried out. */
const RECENT_BUILDS = 5;

type Pictures = Pick<TryOutReport, 'screenshots' | 'clip' | 'poster'>;

export interface GameMediaOptions {
  readonly games: Pick<GameReads, 'currentReleases' | 'build' | 'buildsOf'>;
  /** Of the cover that a container drew; null where none did. */
  readonly coverUrl: (gameId: GameId) => string | null;
}

/** What games look like: what was seen of a build when it was tried out, or a container's cover. */
export class GameMedia {
  readonly #options: GameMediaOptions;
  readonly #known = new Map<BuildId, Pictures | undefined>();

  constructor(options: GameMediaOptions) {
    this.#options = options;
  }

  /** What everybody sees: of the build that is live. */
  async public(gameId: GameId): Promise<PageMedia> {
    const shown = shownBuildOf(await this.#options.games.currentReleases(gameId));
    const pictures = shown && (await this.#picturesOf(shown));
    return pictures
      ? pageMedia(pictures, (sha256) => gameMediaPath(gameId, sha256))
      : coverMedia(this.#options.coverUrl(gameId));
  }

  /** What members of its studio see before anything is live: of the newest build that was tried out. */
  async draft(slug: string, gameId: GameId): Promise<PageMedia> {
    const builds = await this.#options.games.buildsOf(gameId, { limit: RECENT_BUILDS });
    for (const { number, tryOut } of builds) {
      if (!tryOut?.screenshots.length) continue;
      return pageMedia(tryOut, (sha256) => buildMediaPath(slug, gameId, number, sha256));
    }
    return this.public(gameId);
  }

  async #picturesOf(buildId: BuildId): Promise<Pictures | undefined> {
    if (!this.#known.has(buildId)) {
      const tryOut = (await this.#options.games.build(buildId))?.tryOut;
      const oldest = this.#known.keys().next();
      if (this.#known.size >= KNOWN_BUILDS && !oldest.done) this.#known.delete(oldest.value);
      const seen = tryOut && (tryOut.screenshots.length > 0 || tryOut.clip) ? tryOut : undefined;
      this.#known.set(
        buildId,
        seen && { screenshots: seen.screenshots, clip: seen.clip, poster: seen.poster },
      );
    }
    return this.#known.get(buildId);
  }
}

/** What a game looks like of which there is its cover in the library alone, or none. */
export function coverMedia(url: string | null): PageMedia {
  const cover = url === null ? [] : [{ url, ...COVER }];
  return { cover, screenshots: [], clipUrl: null, posterUrl: null };
}

/** The moment that shows most is the cover, the others are screenshots. */
function pageMedia(
  { screenshots, clip, poster }: Pictures,
  pathOf: (sha256: string) => string,
): PageMedia {
  const moments = new Map<number, PagePicture[]>();
  for (const { atMs, sha256, width, height, format } of screenshots) {
    const picture = { url: pathOf(sha256), width, height, format };
    const known = moments.get(atMs);
    if (known) known.push(picture);
    else moments.set(atMs, [picture]);
  }
  const [cover = [], ...others] = [...moments.values()];
  return {
    cover,
    screenshots: others,
    clipUrl: clip ? pathOf(clip.sha256) : null,
    posterUrl: poster ? pathOf(poster.sha256) : null,
  };
}
