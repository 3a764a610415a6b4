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

const build = mkdtempSync(join(tmpdir(), 'rockpool-build-'));
writeFileSync(join(build, 'data.bin'), noise(2_000_000, 1));
const store = new MemoryBlobStore();
const { files } = await FolderFiles.read(build, { ours: true });
const { index } = await packBuild(build, files, store);
const kept = await storeIndex(index, store);
rmSync(build, { recursive: true });

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
      if (fills && bytes !== kept.bytes) writeFileSync(filler, noise(7_500_000, 2));
      const content = await store.get(sha256, { from, bytes: bytes - from });
      if (!content) throw new Error('the store has it not');
      return content;
    },
  }),
  handleChange: () => undefined,
  log: pino({ level: 'silent' }),
});
const buildId = newBuildId();
const order: BuildOrder = {
  buildId,
  index: kept,
  manifest: fakeManifest({ id: 'tide' }),
  token: 'token',
};
const { signal } = new AbortController();
const midway = await refusalOf(shelf.fetch(order, { signal }));
const parts = readdirSync(join(folder, 'blobs')).filter((name) => name.endsWith('.part'));
const games = readdirSync(join(folder, 'games'));
fills = false;
const before = await refusalOf(shelf.fetch(order, { signal }));
rmSync(filler);
await shelf.fetch(order, { signal });
const isThere = shelf.has(buildId);
await shelf.close();
disk.remove();
process.stdout.write(JSON.stringify({ midway, parts, games, before, isThere }));
