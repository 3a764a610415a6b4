/** What signaling does with a studio's archives on a disk that is full, and once it is not. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { MemoryStudioStore } from '../../../signaling/store/memory-studio-store.ts';
import { blobOf, inOnePart } from '../../../signaling/studio/blobs/blob-of-bytes.ts';
import { FolderBlobStore } from '../../../signaling/studio/blobs/folder-blob-store.ts';
import { unpackLimitsSchema } from '../../../signaling/studio/builds/unpack-limits.ts';
import { UnpackedBuild } from '../../../signaling/studio/builds/unpacked-build.ts';
import { BuildChecks, ROOM_RETRY_MS } from '../../../signaling/studio/games/build-checks.ts';
import { UploadFiles } from '../../../signaling/studio/uploads/upload-files.ts';
import { noise } from '../archives/hostile-archives.ts';
import { rawTar } from '../archives/raw-tar.ts';
import { buildRecord } from '../game-records.ts';
import { ManualTimers } from '../manual-timers.ts';
import { StudioGames } from '../studio-games.ts';
import { refusalOf, SmallDisk } from './small-disk.ts';

/** An upload goes on from where there was no more room. */
async function upload() {
  const disk = new SmallDisk('size=1m');
  const content = noise(3_000_000, 1);
  const name = '0'.repeat(32);
  const files = new UploadFiles({
    folder: disk.folder,
    note: () => undefined,
    forget: async () => undefined,
  });
  writeFileSync(files.path(name), '');
  const refusal = await refusalOf(files.write(Readable.from([content]), name, 0));
  const arrived = await files.receivedBytes(name);
  const begun = await refusalOf(files.demandRoom(1));
  disk.change('size=8m');
  await files.write(Readable.from([content.subarray(arrived)]), name, arrived);
  const isWhole = readFileSync(files.path(name)).equals(content);
  disk.remove();
  return { refusal, arrived, begun, isWhole };
}

/** Neither bytes nor names fit. */
async function unpack() {
  const work = mkdtempSync(join(tmpdir(), 'rockpool-archive-'));
  const large = join(work, 'large.tar');
  writeFileSync(large, rawTar([{ name: 'data.bin', content: noise(3_000_000, 1) }]));
  const many = join(work, 'many.tar');
  const names = Array.from({ length: 200 }, (_, i) => ({ name: `folder-${i}/file`, content: 'x' }));
  writeFileSync(many, rawTar(names));
  const limits = unpackLimitsSchema.parse({});
  const outcomes = [];
  for (const [archive, options] of [
    [large, 'size=1m'],
    [many, 'size=1m,nr_inodes=50'],
    [many, 'size=1m,nr_inodes=1'],
  ] as const) {
    const disk = new SmallDisk(options);
    const refusal = await refusalOf(UnpackedBuild.open(archive, { folder: disk.folder, limits }));
    outcomes.push({ refusal, left: readdirSync(disk.folder) });
    disk.remove();
  }
  rmSync(work, { recursive: true });
  return outcomes;
}

async function blobs() {
  const disk = new SmallDisk('size=1m');
  const store = await FolderBlobStore.open(disk.folder, Date.now);
  const content = noise(3_000_000, 1);
  const blob = blobOf(content);
  const refusal = await refusalOf(store.put(blob, inOnePart(content)));
  const left = readdirSync(join(disk.folder, 'drafts'));
  const { blobs } = await store.statistics();
  disk.change('size=8m');
  const again = (await refusalOf(store.put(blob, inOnePart(content)))) ?? null;
  const after = await store.statistics();
  disk.remove();
  return { refusal, left, blobs, again, after };
}

/** A build that waits to be checked, because what is made of its archive does not fit. */
async function waitingCheck(fullAt: 'unpacking' | 'blobs') {
  const disk = new SmallDisk('size=1m');
  const work = mkdtempSync(join(tmpdir(), 'rockpool-checks-'));
  const folder = fullAt === 'unpacking' ? disk.folder : join(work, 'studio');
  const place = fullAt === 'blobs' ? disk.folder : join(work, 'blobs');
  const store = new MemoryStudioStore(() => undefined);
  const timers = new ManualTimers();
  const gameId = await new StudioGames(store).game('tide');
  const started: string[] = [];
  const checks = new BuildChecks({
    store,
    place: { kind: 'folder', folder: place },
    blobs: await FolderBlobStore.open(place, Date.now),
    folder,
    quotaBytes: 1e9,
    tryOuts: { start: (buildId) => void started.push(buildId) },
    alone: true,
    timers,
    log: pino({ level: 'silent' }),
  });
  const { buildId } = await store.transact(({ games }) => games.addBuild(buildRecord(gameId)));
  const archive = checks.archivePath(buildId);
  mkdirSync(join(archive, '..'), { recursive: true });
  // As it came, it fits; what is made of it does not.
  const manifest = { id: 'tide', title: 'Tide', runtime: 'web', entry: 'index.html' };
  const build = rawTar([
    { name: 'rockpool.json', content: JSON.stringify(manifest) },
    { name: 'index.html', content: '<!doctype html>' },
    { name: 'data.bin', content: noise(fullAt === 'unpacking' ? 700_000 : 3_000_000, 1) },
  ]);
  writeFileSync(archive, build);
  checks.start(buildId);
  await until(async () => timers.pending > 0);
  const close = async () => {
    await checks.close();
    disk.remove();
    rmSync(work, { recursive: true });
  };
  return { disk, folder, store, timers, checks, buildId, started, close };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isSo()) return;
    await delay(50);
  }
  throw new Error('it did not come to that');
}

/**
 * A build whose archive is there waits, and is checked when there is room.
 * @param fullAt where there is none: where archives are unpacked, or where blobs are kept.
 */
async function check(fullAt: 'unpacking' | 'blobs') {
  const waiting = await waitingCheck(fullAt);
  const { disk, folder, store, timers, checks, buildId, started } = waiting;
  const before = await store.games.build(buildId);
  const told = checks.progressOf(buildId);
  const unpacking = readdirSync(join(folder, 'unpacking'));
  disk.change('size=16m');
  timers.advance(ROOM_RETRY_MS);
  await until(async () => started.length > 0);
  const after = await store.games.build(buildId);
  await checks.close();
  const archives = readdirSync(join(folder, 'archives'));
  await waiting.close();
  return { waiting: before?.state, told, unpacking, after: after?.state, archives };
}

/** What is told of a build that is no longer to be checked once its turn comes again. */
async function checkNoMore() {
  const waiting = await waitingCheck('unpacking');
  const { store, timers, checks, buildId } = waiting;
  await store.transact(({ games }) =>
    games.updateBuild(buildId, ['checking'], { state: 'refused' }),
  );
  timers.advance(ROOM_RETRY_MS);
  await until(async () => checks.progressOf(buildId) === undefined);
  await waiting.close();
  return { pending: timers.pending };
}

const found = {
  upload: await upload(),
  unpack: await unpack(),
  blobs: await blobs(),
  checks: [await check('unpacking'), await check('blobs')],
  checkNoMore: await checkNoMore(),
};
process.stdout.write(JSON.stringify(found));
