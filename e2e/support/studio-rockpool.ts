import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { openPgliteStore } from '../../signaling/store/pglite-store.ts';
import { createAccounts } from '../../signaling/studio/accounts/accounts.ts';
import { FolderBlobStore } from '../../signaling/studio/blobs/folder-blob-store.ts';
import { StudioBrowser } from '../../test/support/studio-browser.ts';
import { StudioGames } from '../../test/support/studio-games.ts';
import type { RockpoolUnderTest } from './e2e-test.ts';
import { withOwnRockpool } from './own-rockpool.ts';

export const STUDIO = 'tidal-games';
export const GAME = 'pond';
/** Background of each build's page, luma 0 to 255: told apart by looking. */
export const LUMAS = [224, 48] as const;

/** A Rockpool with a studio, whose game has two builds that may be released. */
export interface StudioRockpool extends RockpoolUnderTest {
  /** Its owner's browser, signed in. */
  readonly ada: StudioBrowser;
}

/** What an owner has done before: signed in, made a game, uploaded two builds of it. */
export async function furnish(data: string): Promise<string> {
  const log = pino({ level: 'silent' });
  const store = await openPgliteStore({ folder: join(data, 'store'), log });
  try {
    const { codes } = createAccounts({ store: store.studio, wallClockMs: Date.now });
    const code = (await codes.issueAtStart())?.code ?? '';
    const who = { code, name: 'Ada', studio: 'Tidal Games' };
    const signIn = await codes.use(who, undefined, '127.0.0.1');
    const blobs = await FolderBlobStore.open(join(data, 'blobs'), Date.now);
    const games = new StudioGames(store.studio);
    await games.game(GAME, await store.studio.studioBySlug(STUDIO));
    for (const [i, luma] of LUMAS.entries()) {
      const folder = join(data, `upload-${i + 1}`);
      await writePage(folder, i + 1, luma);
      await games.packed(GAME, folder, blobs);
    }
    return signIn?.secret ?? '';
  } finally {
    await store.close();
  }
}

async function writePage(folder: string, number: number, luma: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = {
    id: GAME,
    title: `Pond ${number}`,
    runtime: 'web',
    entry: 'index.html',
    resolution: { width: 640, height: 360 },
    frameRate: 30,
  };
  const grey = `rgb(${luma}, ${luma}, ${luma})`;
  // Something moves, as in any game: a picture that stands still is sent ever less often.
  const page = `<!doctype html><title>Pond</title>
    <body style="margin:0;background:${grey}"><i id="i" style="position:absolute;width:9px;height:9px;background:red"></i>
    <script>const step=(ms)=>{i.style.left=ms/20%300+'px';requestAnimationFrame(step)};requestAnimationFrame(step)</script>`;
  await writeFile(join(folder, 'rockpool.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'index.html'), page);
}

/** Runs `rockpool up` with all that for one test file. */
export async function withStudioRockpool(
  use: (rockpool: StudioRockpool) => Promise<void>,
): Promise<void> {
  let secret = '';
  const environment = {
    // In the data folder, where the studio is.
    DATABASE_URL: '',
    ROCKPOOL_SLOTS: '4',
    ROCKPOOL_ENCODERS: 'libx264',
  };
  await withOwnRockpool(
    environment,
    async (url, { pid }) => {
      const ada = new StudioBrowser(url);
      ada.cookie = `rockpool-studio=${secret}`;
      await use({ url, pid, ada });
    },
    async (dataFolder) => {
      secret = await furnish(dataFolder);
    },
  );
}
