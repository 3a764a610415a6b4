import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../../protocol/errors.ts';
import type { ContainerId } from '../../../../protocol/ids.ts';
import type { BuildId } from '../../../../protocol/studio-builds.ts';
import type { TryOutRequest } from '../../../../protocol/try-out-messages.ts';
import type { ContainerLink } from '../../../../signaling/container-link.ts';
import type { JoinedContainer } from '../../../../signaling/container-registry.ts';
import { MemoryStore } from '../../../../signaling/store/memory-store.ts';
import { ContainerTryOuts } from '../../../../signaling/studio/try-outs/container-try-outs.ts';
import { fakeJoin, newContainerId } from '../../../support/fake-container.ts';
import { gameRecord, readyBuild } from '../../../support/game-records.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';
import { studioRecord } from '../../../support/studio-records.ts';

const CAPACITY = { pixelsPerSecond: 2e8, cpus: 8, memoryBytes: 2 ** 34, gpuMemoryBytes: 0 };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A container as the registry knows it, and what it was asked. */
class Machine {
  readonly containerId = newContainerId();
  readonly asked: TryOutRequest[] = [];
  readonly ended: string[] = [];
  refuses = false;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  get joined(): JoinedContainer {
    const { containerId, name } = this;
    const builds = { runtimes: ['linux' as const, 'web' as const], warm: [] };
    return {
      joined: fakeJoin({ capacity: CAPACITY, slots: 4, builds }),
      joinedMs: 0,
      candidate: {
        containerId,
        name,
        region: 'attic',
        state: 'standby',
        games: new Map(),
        builds,
        codecs: new Set(['h264']),
        gpu: 'none',
        capacity: CAPACITY,
        free: CAPACITY,
        slots: 4,
        freeSlots: 4,
        pricePerHour: 0,
        roundTripMs: 1,
        quality: undefined,
      },
    };
  }

  readonly link = {
    tryOut: async (request: TryOutRequest) => {
      this.asked.push(request);
      if (this.refuses) throw new RockpoolError('no-free-slot', 'No.');
    },
    end: async ({ sessionId }: { readonly sessionId: string }) => void this.ended.push(sessionId),
  } as unknown as ContainerLink;
}

class Rig {
  readonly store = new MemoryStore();
  readonly timers = new ManualTimers();
  machines: Machine[] = [];
  readonly lost = new Set<ContainerId>();
  playersWait = false;
  isInCharge = true;
  linkOf = (id: ContainerId) => this.machines.find(({ containerId }) => containerId === id)?.link;
  readonly tryOuts = this.again();

  again(): ContainerTryOuts {
    return new ContainerTryOuts({
      store: this.store.studio,
      containers: {
        joined: () => this.machines.map(({ joined }) => joined)[Symbol.iterator]() as never,
        link: (id) => this.linkOf(id),
        isLost: (id) => this.lost.has(id),
      },
      tokens: {
        issueBuild: async () => 'fetch',
        issueTryOut: async ({ containerName }) => `bring from ${containerName}`,
      },
      timers: this.timers,
      log: pino({ level: 'silent' }),
      playersWait: () => this.playersWait,
      isInCharge: () => this.isInCharge,
    });
  }

  add(name = 'Attic'): Machine {
    const machine = new Machine(name);
    this.machines.push(machine);
    return machine;
  }

  async build(): Promise<BuildId> {
    return this.store.studio.transact(async (records) => {
      const studio = studioRecord();
      await records.addStudio(studio);
      const game = gameRecord(studio.studioId);
      await records.games.addGame(game);
      const record = readyBuild(game.gameId, {
        state: 'trying',
        stateDetail: '',
        tryOut: undefined,
      });
      return (await records.games.addBuild(record)).buildId;
    });
  }

  async state(buildId: BuildId) {
    const build = await this.store.studio.games.build(buildId);
    return build && { state: build.state, stateDetail: build.stateDetail };
  }

  settle(buildId: BuildId): Promise<boolean> {
    return this.store.studio.transact(({ games }) =>
      games.updateBuild(buildId, ['trying'], { state: 'ready', stateDetail: 'It runs.' }),
    );
  }

  /** Lets time pass, and whatever follows from it happen. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      for (let i = 0; i < 8; i++) await settled();
      this.timers.advance(500);
    }
    for (let i = 0; i < 8; i++) await settled();
  }
}

describe('ContainerTryOuts', () => {
  it('asks a machine, says which, and is through when the build has moved on', async () => {
    const rig = new Rig();
    const attic = rig.add();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    expect(attic.asked).toHaveLength(1);
    expect(attic.asked[0]).toMatchObject({
      build: { buildId, token: 'fetch' },
      token: 'bring from Attic',
    });
    expect(await rig.state(buildId)).toEqual({
      state: 'trying',
      stateDetail: 'Attic tries it out.',
    });
    await rig.settle(buildId);
    rig.tryOuts.handleSettled(buildId);
    await rig.pass(30_000);
    expect(attic.asked).toHaveLength(1);
    expect(rig.timers.pending).toBe(0);
  });

  it('sees by itself that another node has taken in what was found', async () => {
    const rig = new Rig();
    rig.add();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    await rig.settle(buildId);
    await rig.pass(10_000);
    expect(rig.timers.pending).toBe(0);
  });

  it('waits for a machine, says so, and asks the first that comes', async () => {
    const rig = new Rig();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(5_000);
    expect((await rig.state(buildId))?.stateDetail).toMatch(/^It waits for a machine/);
    const attic = rig.add();
    await rig.pass(20_000);
    expect(attic.asked).toHaveLength(1);
    await rig.tryOuts.close();
  });

  it('asks the next where one does not take it, at once', async () => {
    const rig = new Rig();
    const machines = [rig.add('one'), rig.add('two')];
    for (const machine of machines) machine.refuses = true;
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(500);
    expect(machines.map(({ asked }) => asked.length)).toEqual([1, 1]);
    // And all of them again, a little later.
    for (const machine of machines) machine.refuses = false;
    await rig.pass(5_000);
    expect(machines.reduce((sum, { asked }) => sum + asked.length, 0)).toBe(3);
    await rig.tryOuts.close();
  });

  it('calls off what a machine may have begun without an answer, and listens to it no more', async () => {
    const rig = new Rig();
    const attic = rig.add();
    attic.refuses = true;
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(500);
    const [late] = attic.asked;
    expect(attic.ended).toEqual([late?.tryOutId]);
    rig.playersWait = true;
    // Whatever it says now, nothing is to be done before there is room.
    rig.tryOuts.handleNotTried(buildId, late?.tryOutId ?? (randomUUID() as never), 'an old story');
    rig.tryOuts.handleSettled(buildId);
    await rig.pass(5_000);
    expect(attic.asked).toHaveLength(1);
    attic.refuses = false;
    rig.playersWait = false;
    await rig.pass(20_000);
    expect(attic.asked).toHaveLength(2);
    await rig.tryOuts.close();
  });

  it('asks another where one goes the moment before it is asked', async () => {
    const rig = new Rig();
    const [attic, cellar] = [rig.add('attic'), rig.add('cellar')];
    const gone = new Set<ContainerId>([attic.containerId, cellar.containerId]);
    rig.linkOf = (id) => {
      const machine = rig.machines.find(({ containerId }) => containerId === id);
      return gone.delete(id) ? undefined : machine?.link;
    };
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(500);
    expect((await rig.state(buildId))?.stateDetail).toMatch(/did not take it/);
    await rig.pass(5_000);
    expect(attic.asked.length + cellar.asked.length).toBe(1);
    await rig.tryOuts.close();
  });

  it('gives up when three machines could not run it, and says why', async () => {
    const rig = new Rig();
    const machines = ['one', 'two', 'three'].map((name) => rig.add(name));
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    const over = new Set<string>();
    for (let round = 0; round < 3; round++) {
      await rig.pass(3_000);
      const asked = machines
        .flatMap((machine) => machine.asked)
        .filter(({ tryOutId }) => !over.has(tryOutId));
      expect(asked).toHaveLength(1);
      const tryOutId = asked.at(-1)?.tryOutId ?? (randomUUID() as never);
      over.add(tryOutId);
      rig.tryOuts.handleNotTried(buildId, tryOutId, 'There is no ffpond.\nsudo …');
    }
    await rig.pass(3_000);
    expect(await rig.state(buildId)).toEqual({
      state: 'failed',
      stateDetail: 'It could not be tried out: There is no ffpond.',
    });
    // A different machine each time.
    expect(machines.map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
    expect(rig.timers.pending).toBe(0);
  });

  it('does not listen to an attempt that is over', async () => {
    const rig = new Rig();
    const attic = rig.add();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    rig.tryOuts.handleNotTried(buildId, randomUUID() as never, 'an old story');
    await rig.pass(3_000);
    expect(attic.asked).toHaveLength(1);
    await rig.tryOuts.close();
  });

  it('goes to another machine when the first is gone, and not while it may come back', async () => {
    const rig = new Rig();
    const attic = rig.add('attic');
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    rig.machines = [];
    rig.lost.add(attic.containerId);
    await rig.pass(5_000);
    const cellar = rig.add('cellar');
    await rig.pass(5_000);
    expect(cellar.asked).toHaveLength(0);
    rig.lost.clear();
    await rig.pass(5_000);
    expect(cellar.asked).toHaveLength(1);
    await rig.tryOuts.close();
  });

  it('makes way for a player, and is tried again when nobody waits', async () => {
    const rig = new Rig();
    const attic = rig.add();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    rig.playersWait = true;
    await rig.pass(3_000);
    expect(attic.ended).toEqual([attic.asked[0]?.tryOutId]);
    expect((await rig.state(buildId))?.stateDetail).toMatch(/Players come first/);
    rig.playersWait = false;
    await rig.pass(20_000);
    expect(attic.asked).toHaveLength(2);
    await rig.tryOuts.close();
  });

  it('gives up a machine of which nothing is heard, and not one that says what it does', async () => {
    const rig = new Rig();
    const attic = rig.add();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    const tryOutId = attic.asked[0]?.tryOutId ?? (randomUUID() as never);
    await rig.pass(9 * 60_000);
    rig.tryOuts.handleNews(buildId, tryOutId);
    await rig.pass(9 * 60_000);
    expect(attic.asked).toHaveLength(1);
    await rig.pass(2 * 60_000);
    expect(attic.asked.length).toBeGreaterThan(1);
    await rig.tryOuts.close();
  });

  it('takes up what was under way after a restart', async () => {
    const rig = new Rig();
    const attic = rig.add();
    const buildId = await rig.build();
    rig.tryOuts.start(buildId);
    await rig.pass(2_000);
    await rig.tryOuts.close();
    // What the container finds may still come: it is not told to stop.
    expect(attic.ended).toEqual([]);
    const after = rig.again();
    await after.open();
    await rig.pass(2_000);
    expect(attic.asked).toHaveLength(2);
    // The first one's findings come first: the second is not needed.
    await rig.settle(buildId);
    after.handleSettled(buildId);
    await rig.pass(2_000);
    expect(attic.ended).toEqual([attic.asked[1]?.tryOutId]);
    await after.close();
  });

  it('leaves it to the node that is in charge, and takes over from it', async () => {
    const rig = new Rig();
    const attic = rig.add();
    rig.isInCharge = false;
    const buildId = await rig.build();
    await rig.tryOuts.open();
    rig.tryOuts.start(buildId);
    await rig.pass(20_000);
    expect(attic.asked).toHaveLength(0);
    rig.isInCharge = true;
    await rig.pass(20_000);
    expect(attic.asked).toHaveLength(1);
    await rig.tryOuts.close();
    expect(rig.timers.pending).toBe(0);
  });
});
