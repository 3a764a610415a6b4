import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BuildOrder } from '../../../../protocol/build-order.ts';
import { RockpoolError } from '../../../../protocol/errors.ts';
import type { SessionProgress } from '../../../../protocol/session-progress.ts';
import type { BuildId } from '../../../../protocol/studio-builds.ts';
import type { FetchOptions } from '../../../../server/agent/builds/blob-cache.ts';
import { type Shelf, StudioBuilds } from '../../../../server/agent/builds/studio-builds.ts';
import { fakeManifest } from '../../../support/build-folders.ts';
import { newBuildId, newSha256 } from '../../../support/game-records.ts';

function order(fields: object = {}): BuildOrder {
  return {
    buildId: newBuildId(),
    index: { sha256: newSha256(), bytes: 100 },
    manifest: fakeManifest(fields),
    token: 'a.b.c',
  };
}

/** Fetches nothing by itself: a test says how far it is. */
class FakeShelf implements Shelf {
  readonly warm: BuildId[] = [];
  readonly held: BuildId[] = [];
  readonly fetches: {
    readonly order: BuildOrder;
    readonly options: FetchOptions;
    finish(): void;
    fail(error: Error): void;
  }[] = [];

  get isBusy(): boolean {
    return this.fetches.length > 0;
  }

  has(buildId: BuildId): boolean {
    return this.warm.includes(buildId);
  }

  folderOf(buildId: BuildId): string {
    return `/srv/${buildId}/game`;
  }

  hold(buildId: BuildId): () => void {
    this.held.push(buildId);
    return () => this.held.splice(this.held.indexOf(buildId), 1);
  }

  fetch(wanted: BuildOrder, options: FetchOptions): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      options.signal.addEventListener('abort', () => reject(options.signal.reason));
      this.fetches.push({ order: wanted, options, finish: resolve, fail: reject });
    });
  }
}

const MACHINE = {
  capacity: {
    pixelsPerSecond: 1280 * 720 * 30,
    cpus: 2,
    memoryBytes: 2 ** 33,
    gpuMemoryBytes: 0,
  },
  gpu: { kind: 'none' as const, description: '' },
};

describe('StudioBuilds', () => {
  let shelf: FakeShelf;
  let builds: StudioBuilds;
  beforeEach(() => {
    shelf = new FakeShelf();
    const log = pino({ level: 'silent' });
    builds = new StudioBuilds({ shelf, runtimes: ['linux'], machine: MACHINE, log });
  });

  it('tell what they are, or that there are none', () => {
    const there = newBuildId();
    shelf.warm.push(there);
    expect(builds.describe()).toEqual({ runtimes: ['linux'], warm: [there] });
    const log = pino({ level: 'silent' });
    const none = new StudioBuilds({ shelf: undefined, runtimes: [], machine: MACHINE, log });
    expect(none.describe()).toEqual({ runtimes: [], warm: [] });
    expect(() => none.hold(order())).toThrow('plays no builds of studios');
  });

  it('are offered under the id of the game, as far as the machine goes', () => {
    const wanted = order({ id: 'other', resolution: { width: 1920, height: 1080 } });
    const { build, needs, autoResolution } = builds.offer('pond', wanted);
    expect(build).toMatchObject({
      folder: `/srv/${wanted.buildId}/game`,
      manifest: { id: 'pond' },
      info: { id: 'pond' },
    });
    expect(autoResolution).toEqual({ width: 1920, height: 1080 });
    expect(needs.pixelsPerSecond).toBe(MACHINE.capacity.pixelsPerSecond);
    const page = order({ runtime: 'web', entry: 'index.html' });
    expect(() => builds.offer('pond', page)).toThrow('plays no "web" builds');
  });

  it('are fetched while the player is told how far, a percent at a time', async () => {
    const held = builds.hold(order());
    const told: SessionProgress[] = [];
    const fetched = held.fetch((progress) => told.push(progress));
    const [fetch] = shelf.fetches;
    for (const bytes of [1, 2, 500, 501, 1000]) {
      fetch?.options.handleProgress?.({ bytes, totalBytes: 1000 });
    }
    fetch?.finish();
    expect(await fetched).toBe(true);
    expect(told.map(({ text, fraction }) => [text, fraction])).toEqual([
      ['The machine is fetching the game.', undefined],
      ['Fetching the game: 0 %', 0],
      ['Fetching the game: 50 %', 0.5],
      ['Putting the game together.', 1],
    ]);
  });

  it('say why they could not be fetched', async () => {
    const held = builds.hold(order());
    const fetched = held.fetch(() => {});
    shelf.fetches[0]?.fail(new RockpoolError('resource-limit', 'No room on the disk.'));
    await expect(fetched).rejects.toMatchObject({ message: 'No room on the disk.' });
  });

  it('are given up when the session is over, without a word', async () => {
    const wanted = order();
    const held = builds.hold(wanted);
    expect(shelf.held).toEqual([wanted.buildId]);
    const fetched = held.fetch(() => {});
    held.release();
    expect(await fetched).toBe(false);
    expect(shelf.held).toEqual([]);
  });

  it('are fetched ahead one at a time, until somebody plays', async () => {
    const first = order();
    const ahead = builds.prefetch(first);
    await builds.prefetch(order());
    expect(shelf.fetches.map(({ order: { buildId } }) => buildId)).toEqual([first.buildId]);
    builds.hold(order());
    await ahead;
    expect(shelf.fetches[0]?.options.signal.aborted).toBe(true);
  });

  it('go on being fetched where it is what is to be played', () => {
    const wanted = order();
    void builds.prefetch(wanted);
    builds.hold(wanted);
    expect(shelf.fetches[0]?.options.signal.aborted).toBe(false);
  });

  it('are not fetched ahead where they are there, or do not run', async () => {
    const there = order();
    shelf.warm.push(there.buildId);
    await builds.prefetch(there);
    await builds.prefetch(order({ runtime: 'web', entry: 'index.html' }));
    expect(shelf.fetches).toEqual([]);
  });
});
