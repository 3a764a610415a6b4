/** What a container does with a build that does not fit on its disk, and once it does. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { BuildOrder } from '../../../protocol/build-order.ts';
import { BuildShelf } from '../../../server/agent/builds/build-shelf.ts';
import { storeIndex } from '../../../signaling/studio/blobs/build-image.ts';
import { MemoryBlobStore } from '../../../signaling/studio/blobs/memory-blob-store.ts';
import { packBuild } from '../../../signaling/studio/blobs/pack-build.ts';
import { FolderFiles } from '../../../signaling/studio/builds/folder-files.ts';
import { noise } from '../archives/hostile-archives.ts';
import { fakeManifest } from '../build-folders.ts';
import { newBuildId } from '../game-records.ts';
import { refusalOf, SmallDisk } from './small-disk.ts';

const store = new MemoryBlobStore();

/** A build of 2 MB, of a game of its own. */
async function orderOf(gameId: string, seed: number): Promise<BuildOrder> {
  const build = mkdtempSync(join(tmpdir(), 'rockpool-build-'));
  writeFileSync(join(build, 'data.bin'), noise(2_000_000, seed));
  const { files } = await FolderFiles.read(build, { ours: true });
  const { index } = await packBuild(build, files, store);
  rmSync(build, { recursive: true });
  return {
    buildId: newBuildId(),
    index: await storeIndex(index, store),
    manifest: fakeManifest({ id: gameId }),
    token: 'token',
  };
}

const order = await orderOf('tide', 1);
const { buildId } = order;

const disk = new SmallDisk('size=8m');
const folder = join(disk.folder, 'shelf');
mkdirSync(folder);
const filler = join(disk.folder, 'filler');
let fills = true;
const shelf = await BuildShelf.open({
  folder,
  maxBytes: 2 ** 30,
  nowMs: Date.now,
  sourceOf: () => ({
    async readBlob({ sha256, bytes }, from) {
      // Somebody else fills the disk once the build has begun to come.
      if (fills && bytes !== order.index.bytes) writeFileSync(filler, noise(7_500_000, 2));
      const content = await store.get(sha256, { from, bytes: bytes - from });
      if (!content) throw new Error('the store has it not');
      return content;
    },
  }),
  handleChange: () => undefined,
  log: pino({ level: 'silent' }),
});
const { signal } = new AbortController();
const midway = await refusalOf(shelf.fetch(order, { signal }));
const parts = readdirSync(join(folder, 'blobs')).filter((name) => name.endsWith('.part'));
const games = readdirSync(join(folder, 'games'));
fills = false;
const before = await refusalOf(shelf.fetch(order, { signal }));
rmSync(filler);
await shelf.fetch(order, { signal });
const isThere = shelf.has(buildId);
// There is room for one of two builds, and not for what was fetched of the first beside it.
disk.change('size=5m');
const other = await orderOf('reef', 3);
const release = shelf.hold(buildId);
const played = await refusalOf(shelf.fetch(other, { signal }));
const staysWhilePlayed = shelf.has(buildId);
release();
await shelf.fetch(other, { signal });
const madeWay = shelf.has(other.buildId) && !shelf.has(buildId);
await shelf.close();
disk.remove();
const found = { midway, parts, games, before, isThere, played, staysWhilePlayed, madeWay };
process.stdout.write(JSON.stringify(found));
