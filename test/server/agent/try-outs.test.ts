import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { gameInfoOf } from '../../../protocol/build-manifest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { type SessionId, sessionIdSchema } from '../../../protocol/ids.ts';
import type { TryOutEnd, TryOutRequest } from '../../../protocol/try-out-messages.ts';
import type { TryOutFindings } from '../../../protocol/try-out-report.ts';
import type { HeldBuild } from '../../../server/agent/builds/studio-builds.ts';
import { type SharedRoom, TryOuts, type TryOutWorker } from '../../../server/agent/try-outs.ts';
import type { WorkerExit, WorkerListener } from '../../../server/agent/worker-process.ts';
import type { FromTryOut, ToTryOut } from '../../../server/worker/try-out-orders.ts';
import { fakeManifest } from '../../support/build-folders.ts';
import { newBuildId, newSha256, tryOutReport } from '../../support/game-records.ts';

const NEEDS = { pixelsPerSecond: 1, cpus: 1, memoryBytes: 1, gpuMemoryBytes: 0 };

/** The process of a try-out, as far as the agent sees it. */
class FakeWorker implements TryOutWorker {
  readonly pid = 7;
  readonly sent: ToTryOut[] = [];
  #listener: WorkerListener<FromTryOut> | undefined;
  #exit: (exit: WorkerExit) => void = () => {};
  readonly exited = new Promise<WorkerExit>((resolve) => {
    this.#exit = resolve;
  });

  send(message: object): void {
    this.sent.push(message as ToTryOut);
    if ((message as ToTryOut).type === 'end') this.exit();
  }
  listen(listener: WorkerListener<FromTryOut>): void {
    this.#listener = listener;
  }
  say(message: FromTryOut): void {
    this.#listener?.handleMessage(message);
  }
  exit(code: number | null = 0, signal: NodeJS.Signals | null = null): void {
    this.#exit({ code, signal });
  }
  async stop(): Promise<void> {
    await this.exited;
  }
  kill(): void {
    this.exit(null, 'SIGKILL');
  }
}

class Rig {
  readonly room: SharedRoom & { readonly taken: Set<SessionId> };
  readonly brought: { token: string; end: TryOutEnd; folderWasThere: boolean }[] = [];
  readonly given: string[] = [];
  readonly told: string[] = [];
  readonly workers: FakeWorker[] = [];
  readonly limits = new Set<() => void>();
  releasedBuilds = 0;
  isFull = false;
  bringError: Error | undefined;
  /** What is found takes long to bring. */
  isSlow = false;
  fetch: HeldBuild['fetch'] = async () => true;
  ensure: () => Promise<void> = async () => {};
  readonly tryOuts: TryOuts;

  constructor() {
    const taken = new Set<SessionId>();
    this.room = {
      taken,
      takeRoom: (id) => {
        if (this.isFull) throw new RockpoolError('no-free-slot', 'Full.');
        taken.add(id);
      },
      releaseRoom: (id) => taken.delete(id),
    };
    this.tryOuts = new TryOuts({
      room: this.room,
      builds: {
        offer: (_gameId, { manifest }) => ({
          autoResolution: manifest.resolution,
          build: { folder: '/builds/pond', manifest, info: gameInfoOf(manifest) },
          needs: NEEDS,
        }),
        hold: ({ buildId }) => ({
          buildId,
          isThere: true,
          fetch: (tell) => this.fetch(tell),
          release: () => void this.releasedBuilds++,
        }),
      },
      packages: { ensure: () => this.ensure() },
      delivery: {
        tell: async (_token, text) => void this.told.push(text),
        bring: async (token, end, folder, signal) => {
          if (this.bringError) throw this.bringError;
          if (this.isSlow) await untilAborted(signal);
          this.brought.push({ token, end, folderWasThere: existsSync(folder) });
        },
        giveUp: async (_token, why) => void this.given.push(why),
      },
      encoders: [],
      allowed: { network: false },
      log: pino({ level: 'silent' }),
      after: (_delayMs, task) => {
        this.limits.add(task);
        return () => this.limits.delete(task);
      },
      fork: () => {
        const worker = new FakeWorker();
        this.workers.push(worker);
        return worker;
      },
    });
  }

  request(): TryOutRequest {
    return {
      tryOutId: sessionIdSchema.parse(randomUUID()),
      build: {
        buildId: newBuildId(),
        index: { sha256: newSha256(), bytes: 5 },
        manifest: fakeManifest(),
        token: 'fetch',
      },
      token: 'bring',
    };
  }

  async worker(): Promise<FakeWorker> {
    await expect.poll(() => this.workers.length, { interval: 2 }).toBeGreaterThan(0);
    return this.workers[0] as FakeWorker;
  }

  async over(id: SessionId): Promise<void> {
    await expect.poll(() => this.tryOuts.has(id), { interval: 2 }).toBe(false);
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function findings(): TryOutFindings {
  const { containerName: _name, region: _region, atMs: _atMs, ...found } = tryOutReport();
  return found;
}

describe('TryOuts', () => {
  it('runs a build in a process of its own, with room, and brings what was found', async () => {
    const rig = new Rig();
    const request = rig.request();
    rig.tryOuts.begin(request);
    expect(rig.room.taken).toContain(request.tryOutId);
    const worker = await rig.worker();
    expect(worker.sent).toMatchObject([
      { type: 'try-out', build: { folder: '/builds/pond', allowed: { network: false } } },
    ]);
    worker.say({ type: 'step', text: 'The game is starting.' });
    // A minute later signaling hears it again.
    [...rig.limits].at(-1)?.();
    worker.say({ type: 'tried', findings: findings() });
    worker.exit();
    await rig.over(request.tryOutId);
    expect(rig.told).toEqual(['The game is starting.', 'The game is starting.']);
    expect(rig.limits.size).toBe(0);
    expect(rig.brought).toMatchObject([
      { token: 'bring', end: { kind: 'tried' }, folderWasThere: true },
    ]);
    expect(rig.room.taken.size).toBe(0);
    expect(rig.releasedBuilds).toBe(1);
    const [order] = worker.sent;
    expect(order?.type === 'try-out' && existsSync(order.mediaFolder)).toBe(false);
  });

  it('begins nothing without room, and nothing twice', async () => {
    const rig = new Rig();
    rig.isFull = true;
    expect(() => rig.tryOuts.begin(rig.request())).toThrow('Full.');
    rig.isFull = false;
    const request = rig.request();
    rig.tryOuts.begin(request);
    rig.isFull = true;
    expect(() => rig.tryOuts.begin(request)).not.toThrow();
    await rig.tryOuts.end(request.tryOutId);
  });

  it.each([
    [
      'is not to be had',
      (rig: Rig) => {
        rig.fetch = () => Promise.reject(new Error('No way.'));
      },
      'No way.',
    ],
    [
      'needs packages',
      (rig: Rig) => {
        rig.ensure = () => Promise.reject(new Error('No apt.'));
      },
      'No apt.',
    ],
  ])('says so where the build %s', async (_what, spoil, why) => {
    const rig = new Rig();
    spoil(rig);
    const request = rig.request();
    rig.tryOuts.begin(request);
    await rig.over(request.tryOutId);
    expect(rig.brought.map(({ end }) => end)).toEqual([{ kind: 'not-tried', why }]);
    expect(rig.workers).toEqual([]);
    expect(rig.room.taken.size).toBe(0);
  });

  it('says so where the process dies, or hangs', async () => {
    for (const isHung of [false, true]) {
      const rig = new Rig();
      const request = rig.request();
      rig.tryOuts.begin(request);
      const worker = await rig.worker();
      if (isHung) for (const limit of rig.limits) limit();
      else worker.exit(null, 'SIGSEGV');
      await rig.over(request.tryOutId);
      const how = isHung ? 'SIGKILL' : 'SIGSEGV';
      expect(rig.brought.map(({ end }) => end)).toEqual([
        {
          kind: 'not-tried',
          why: `The process that tried the build out ended with signal ${how}.`,
        },
      ]);
    }
  });

  it('says so where what was found could not be brought', async () => {
    const rig = new Rig();
    rig.bringError = new Error('The store is full.');
    const request = rig.request();
    rig.tryOuts.begin(request);
    const worker = await rig.worker();
    worker.say({ type: 'tried', findings: findings() });
    worker.exit();
    await rig.over(request.tryOutId);
    expect(rig.given).toEqual(['The store is full.']);
    expect(rig.room.taken.size).toBe(0);
  });

  it('brings nothing of one that is called off, and its room is free then', async () => {
    const rig = new Rig();
    const request = rig.request();
    rig.tryOuts.begin(request);
    const worker = await rig.worker();
    await rig.tryOuts.end(request.tryOutId);
    expect(worker.sent.at(-1)).toEqual({ type: 'end' });
    expect(rig.room.taken.size).toBe(0);
    expect(rig.brought).toEqual([]);
    expect(rig.given).toEqual([]);
  });

  it('says that another machine is to do it when this one leaves', async () => {
    const rig = new Rig();
    rig.tryOuts.begin(rig.request());
    await rig.worker();
    await rig.tryOuts.endAll();
    expect(rig.given).toEqual(['The machine was taken out of the pool.']);
    expect(rig.room.taken.size).toBe(0);
  });

  it('says so as well while it brings what was found, and not where it is called off', async () => {
    for (const leaves of [true, false]) {
      const rig = new Rig();
      rig.isSlow = true;
      const request = rig.request();
      rig.tryOuts.begin(request);
      const worker = await rig.worker();
      worker.say({ type: 'tried', findings: findings() });
      worker.exit();
      // The limit of the process is lifted once it is gone, and what it found is on its way.
      await expect.poll(() => rig.limits.size, { interval: 2 }).toBe(0);
      await (leaves ? rig.tryOuts.endAll() : rig.tryOuts.end(request.tryOutId));
      expect(rig.given).toEqual(leaves ? ['The machine was taken out of the pool.'] : []);
      expect(rig.brought).toEqual([]);
    }
  });
});
