import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KEEP_DELETED_MS } from '../../../protocol/studio-builds.ts';
import type { BuildRecord } from '../../../signaling/store/game-store.ts';
import { MemoryStudioStore } from '../../../signaling/store/memory-studio-store.ts';
import { blobOf, putBytes } from '../../../signaling/studio/blobs/blob-of-bytes.ts';
import { type BlobStore, UNWANTED_MS } from '../../../signaling/studio/blobs/blob-store.ts';
import { readBlobs } from '../../../signaling/studio/blobs/build-image.ts';
import { FolderBlobStore } from '../../../signaling/studio/blobs/folder-blob-store.ts';
import { OciBlobStore } from '../../../signaling/studio/blobs/oci-blob-store.ts';
import { packBuild } from '../../../signaling/studio/blobs/pack-build.ts';
import { FolderFiles } from '../../../signaling/studio/builds/folder-files.ts';
import {
  Clearing,
  FIRST_ROUND_MS,
  ROUND_MS,
  SWEEP_MS,
} from '../../../signaling/studio/deletions/clearing.ts';
import { inheritedBytes } from '../../../signaling/studio/deletions/inherited-bytes.ts';
import { newBuildId, newGameId, tryOutReport } from '../../support/game-records.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { describeWithRegistry, OciRegistryServer } from '../../support/oci-registry-server.ts';
import { StudioGames } from '../../support/studio-games.ts';
import { studioRecord } from '../../support/studio-records.ts';

const DAY_MS = 24 * 3_600_000;

/** Content of 600 kB that is the same for the same seed, in more blobs than one. */
function noise(seed: number): Buffer {
  const content = Buffer.alloc(600_000);
  let state = seed;
  for (let i = 0; i < content.length; i += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    content.writeInt32LE(state, i);
  }
  return content;
}

function describeClearing(name: string, open: (nowMs: () => number) => Promise<BlobStore>): void {
  describe(`clearing of ${name}`, () => {
    let nowMs: number;
    let blobs: BlobStore;
    let store: MemoryStudioStore;
    let games: StudioGames;
    let inCharge: boolean;
    let timers: ManualTimers;
    let lines: Record<string, unknown>[];
    let clearing: Clearing;
    const gameId = newGameId();
    const studio = studioRecord();

    beforeEach(async () => {
      nowMs = 1_800_000_000_000;
      blobs = await open(() => nowMs);
      store = new MemoryStudioStore(() => undefined);
      games = new StudioGames(store);
      await store.transact((records) => records.addStudio(studio));
      await games.game(gameId, studio);
      inCharge = true;
      timers = new ManualTimers();
      lines = [];
      const log = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
      const wallClockMs = () => nowMs;
      clearing = new Clearing({
        ...{ store, blobs, timers, wallClockMs, log },
        isInCharge: () => inCharge,
      });
    });

    /** A build of two files, with a picture of it. */
    async function build(seed: number, shared: number): Promise<BuildRecord> {
      const folder = mkdtempSync(join(tmpdir(), 'rockpool-clearing-'));
      try {
        writeFileSync(join(folder, 'own'), noise(seed));
        writeFileSync(join(folder, 'shared'), noise(shared));
        const { files } = await FolderFiles.read(folder, { ours: true });
        const { index, stored } = await packBuild(folder, files, blobs);
        const kept = await putBytes(Buffer.from(JSON.stringify(index)), blobs);
        const picture = await putBytes(Buffer.from(`picture ${seed}`), blobs);
        const [screenshot] = tryOutReport().screenshots;
        if (!screenshot) throw new Error('there is no picture');
        const tryOut = tryOutReport({ screenshots: [{ ...screenshot, ...picture }] });
        const storedBytes = stored.bytes + kept.bytes;
        const facts = { index: kept, storedBytes, tryOut, createdAtMs: nowMs };
        return await games.build(gameId, facts);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    const remove = async (build: BuildRecord) => {
      await patch(build, { removedAtMs: nowMs });
      nowMs += KEEP_DELETED_MS + 1;
    };
    const patch = (build: BuildRecord, changes: object) =>
      store.transact((records) =>
        records.games.updateBuild(build.buildId, ['ready', 'trying'], changes),
      );
    const named = async (sha256 = '') => {
      for await (const blob of blobs.list()) if (blob.sha256 === sha256) return true;
      return false;
    };
    const pictureOf = ({ tryOut }: BuildRecord) => tryOut?.screenshots[0]?.sha256;

    it('frees what was deleted once it cannot be taken back, and nothing that others need', async () => {
      const seed = Math.trunc(Math.random() * 1e9);
      const first = await build(seed, seed + 2);
      nowMs += DAY_MS;
      const second = await build(seed + 1, seed + 2);
      const both = await store.games.studioBytes(studio.studioId);
      const removedAtMs = nowMs;
      await patch(first, { removedAtMs });
      // Two days are more than a blob is kept unwanted: it is the build that keeps it.
      nowMs += 2 * DAY_MS;
      await clearing.run();
      expect(await named(first.index?.sha256)).toBe(true);
      expect(await named(pictureOf(first))).toBe(true);
      nowMs = removedAtMs + KEEP_DELETED_MS + 1;
      await clearing.run();
      expect(await named(first.index?.sha256)).toBe(false);
      expect(await named(pictureOf(first))).toBe(false);
      expect(await named(second.index?.sha256)).toBe(true);
      expect(await named(pictureOf(second))).toBe(true);
      // What they share counts for the one that is left.
      const left = await store.games.studioBytes(studio.studioId);
      expect(left).toBeLessThan(both - 600_000);
      expect(left).toBeGreaterThan(1_200_000);
      expect(lines).toMatchObject([
        { msg: 'deleted builds and games are gone', forgotten: 1 },
        { msg: 'freed what no build needs any more', deleted: expect.any(Number) },
      ]);
      expect(Number(lines[1]?.bytes)).toBeGreaterThan(600_000);
      // The other one can still be put together: all it consists of is there.
      const folder = mkdtempSync(join(tmpdir(), 'rockpool-clearing-'));
      writeFileSync(join(folder, 'own'), noise(seed + 1));
      writeFileSync(join(folder, 'shared'), noise(seed + 2));
      const { files } = await FolderFiles.read(folder, { ours: true });
      expect((await packBuild(folder, files, blobs)).stored.blobs).toBe(0);
      rmSync(folder, { recursive: true });
    });

    it('counts what is inherited once, though two nodes clear at the same time', async () => {
      const seed = Math.trunc(Math.random() * 1e9);
      const first = await build(seed, seed + 2);
      nowMs += DAY_MS;
      const second = await build(seed + 1, seed + 2);
      await remove(first);
      const other = new Clearing({
        ...{ store, blobs, timers, wallClockMs: () => nowMs, log: pino({ level: 'silent' }) },
        isInCharge: () => true,
      });
      await Promise.all([clearing.run(), other.run()]);
      const alone = (await store.games.build(second.buildId))?.storedBytes ?? 0;
      const parts = await readBlobs(second.index?.sha256 ?? '', blobs);
      const whole = parts.reduce((sum, { bytes }) => sum + bytes, second.index?.bytes ?? 0);
      expect(alone).toBe(whole);
    });

    it('leaves what is stored, or found to be there, by who has no build yet', async () => {
      const content = Buffer.from(`half packed ${Math.random()}`);
      const { sha256 } = await putBytes(content, blobs);
      nowMs += 2 * UNWANTED_MS;
      // Another build finds it there, and is not finished within a round.
      await putBytes(content, blobs);
      await clearing.run();
      nowMs += UNWANTED_MS - 1;
      timers.advance(SWEEP_MS);
      await clearing.run();
      expect(await named(sha256)).toBe(true);
      nowMs += 1;
      timers.advance(SWEEP_MS);
      await clearing.run();
      expect(await named(sha256)).toBe(false);
    });

    it('deletes nothing where a build cannot be read, and says which', async () => {
      const seed = Math.trunc(Math.random() * 1e9);
      const broken = await build(seed, seed + 1);
      const { sha256 } = await putBytes(Buffer.from(`nobody's ${seed}`), blobs);
      await patch(broken, { index: blobOf(Buffer.from(`lost ${seed}`)) });
      nowMs += 2 * UNWANTED_MS;
      await clearing.run();
      expect(await named(sha256)).toBe(true);
      expect(lines).toMatchObject([
        { err: { message: expect.stringContaining(`index of build 1 of ${gameId}`) } },
      ]);
    });

    it('forgets what was deleted though its index is lost', async () => {
      const seed = Math.trunc(Math.random() * 1e9);
      const broken = await build(seed, seed + 1);
      await patch(broken, { index: blobOf(Buffer.from(`lost ${seed}`)) });
      await remove(broken);
      await clearing.run();
      expect(await store.games.build(broken.buildId)).toMatchObject({ goneAtMs: nowMs });
      expect(await named(pictureOf(broken))).toBe(false);
      expect(lines[0]).toMatchObject({
        err: { message: expect.stringContaining(`index of build 1 of ${gameId}`) },
      });
    });

    it('is done by the node in charge, soon after its start and from time to time', async () => {
      const { sha256 } = await putBytes(Buffer.from(`nobody's ${Math.random()}`), blobs);
      nowMs += 2 * UNWANTED_MS;
      inCharge = false;
      clearing.start();
      timers.advance(FIRST_ROUND_MS);
      await vi.waitFor(() => expect(timers.pending).toBe(1));
      expect(await named(sha256)).toBe(true);
      inCharge = true;
      timers.advance(ROUND_MS);
      await vi.waitFor(async () => expect(await named(sha256)).toBe(false), { timeout: 20_000 });
      await clearing.close();
      expect(timers.pending).toBe(0);
    });
  });
}

describe('with a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-blobs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  describeClearing('a folder', (nowMs) => FolderBlobStore.open(folder, nowMs));
});

describeWithRegistry('with a registry', () => {
  let server: OciRegistryServer;
  beforeAll(async () => {
    server = await OciRegistryServer.start();
  });
  afterAll(() => server?.remove());
  describeClearing(
    'a registry',
    async (nowMs) => new OciBlobStore({ url: server.url, repository: 'rockpool/builds', nowMs }),
  );
});

describe('what a build that goes has brought', () => {
  const [a, b, c] = [newBuildId(), newBuildId(), newBuildId()] as const;
  const blob = (name: string, bytes: number) => ({ sha256: name.padEnd(64, '0'), bytes });
  const [one, two, three] = [blob('1', 10), blob('2', 200), blob('3', 3_000)] as const;

  it('counts for the oldest of those that need it, once', () => {
    const inherited = inheritedBytes([
      { buildId: a, isGoing: true, blobs: [one, two] },
      { buildId: b, isGoing: false, blobs: [two, three] },
      { buildId: c, isGoing: false, blobs: [one, two, three] },
    ]);
    expect([...inherited]).toEqual([
      [b, 200],
      [c, 10],
    ]);
  });

  it('counts for nobody where an older one has brought it before', () => {
    const inherited = inheritedBytes([
      { buildId: a, isGoing: false, blobs: [one] },
      { buildId: b, isGoing: true, blobs: [one, two] },
      { buildId: c, isGoing: true, blobs: [two] },
    ]);
    expect([...inherited]).toEqual([]);
  });
});
