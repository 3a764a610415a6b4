import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../../protocol/build-manifest.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { BuildRecord } from '../../signaling/store/game-store.ts';
import type { StudioRecord, StudioStore } from '../../signaling/store/studio-store.ts';
import type { BlobStore } from '../../signaling/studio/blobs/blob-store.ts';
import { storeIndex } from '../../signaling/studio/blobs/build-image.ts';
import { packBuild } from '../../signaling/studio/blobs/pack-build.ts';
import { FolderFiles } from '../../signaling/studio/builds/folder-files.ts';
import { gameRecord, readyBuild, releaseRecord } from './game-records.ts';
import type { SignalingFixture } from './signaling-fixture.ts';
import { StudioBrowser } from './studio-browser.ts';
import { studioRecord } from './studio-records.ts';

/** What an upload leaves: a game of a studio, with what its builds are made of. */
export class StudioGames {
  readonly store: StudioStore;

  constructor(store: StudioStore) {
    this.store = store;
  }

  /** A game of a studio; of one of its own where none is named. */
  async game(gameId: GameId, studio?: Pick<StudioRecord, 'studioId'>): Promise<GameId> {
    await this.store.transact(async (records) => {
      const own = studioRecord();
      if (!studio) await records.addStudio(own);
      const { studioId } = studio ?? own;
      await records.games.addGame(gameRecord(studioId, { gameId, title: gameId }));
    });
    return gameId;
  }

  /** A build that may be released. */
  build(gameId: GameId, changes: Partial<Omit<BuildRecord, 'number'>> = {}): Promise<BuildRecord> {
    return this.store.transact((records) => records.games.addBuild(readyBuild(gameId, changes)));
  }

  /** A build that is there for real, from a folder with a `rockpool.json`. */
  async packed(gameId: GameId, folder: string, blobs: BlobStore): Promise<BuildRecord> {
    const { files } = await FolderFiles.read(folder, { ours: true });
    const { index } = await packBuild(folder, files, blobs);
    const kept = await storeIndex(index, blobs);
    const manifest = parseManifest(await readFile(join(folder, 'rockpool.json'), 'utf8'));
    return this.build(gameId, { manifest, index: kept, content: index.content, tryOut: undefined });
  }

  async release(
    build: BuildRecord,
    changes: Partial<Parameters<typeof releaseRecord>[2]> = {},
  ): Promise<void> {
    const release = releaseRecord(build.gameId, build.buildId, changes);
    await this.store.transact((records) => records.games.addRelease(release));
  }
}

/** The first owner's browser, on a server without accounts. */
export async function signedInOwner(fixture: SignalingFixture): Promise<StudioBrowser> {
  const ada = new StudioBrowser(fixture.url.replace('127.0.0.1', 'localhost'));
  const more = { name: 'Ada', studio: 'Tidal Games' };
  const { status } = await ada.comeIn(fixture.server.signInLink, more);
  if (status !== 200) throw new Error('the owner is not let in');
  return ada;
}

/** Somebody new in that studio. */
export async function invitedTo(
  fixture: SignalingFixture,
  by: StudioBrowser,
  name: string,
  role: string,
): Promise<StudioBrowser> {
  const path = '/studios/tidal-games/invitations';
  const { link } = await by.must<{ link: string }>('POST', path, { role });
  const guest = new StudioBrowser(fixture.url.replace('127.0.0.1', 'localhost'));
  const { status } = await guest.comeIn(link, { name });
  if (status !== 200) throw new Error(`${name} is not let in`);
  return guest;
}
