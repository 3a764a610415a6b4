import { describe, expect, it } from 'vitest';
import type { BuildManifest } from '../../../../protocol/build-manifest.ts';
import { studioBuildNeeds } from '../../../../protocol/build-needs.ts';
import type { JoinRequest } from '../../../../protocol/container-messages.ts';
import type { Candidate } from '../../../../signaling/indexer/candidate.ts';
import { chooseMachine } from '../../../../signaling/studio/try-outs/choose-machine.ts';
import { fakeManifest } from '../../../support/build-folders.ts';
import { fakeJoin, newContainerId } from '../../../support/fake-container.ts';
import { newBuildId } from '../../../support/game-records.ts';

const CAPACITY = {
  pixelsPerSecond: 2e8,
  cpus: 8,
  memoryBytes: 16 * 2 ** 30,
  gpuMemoryBytes: 0,
};

function machine(
  name: string,
  candidate: Partial<Candidate> = {},
  join: Partial<JoinRequest> = {},
) {
  const joined = fakeJoin({
    capacity: CAPACITY,
    slots: 4,
    builds: { runtimes: ['linux', 'web'], warm: [] },
    ...join,
  });
  return {
    joined,
    candidate: {
      containerId: newContainerId(),
      name,
      region: 'local',
      state: 'standby',
      games: new Map(),
      builds: joined.builds,
      codecs: new Set(['h264']),
      gpu: 'none',
      capacity: CAPACITY,
      free: CAPACITY,
      slots: 4,
      freeSlots: 4,
      pricePerHour: 0,
      roundTripMs: 1,
      quality: undefined,
      ...candidate,
    } satisfies Candidate,
  };
}

const build = (manifest: BuildManifest = fakeManifest()) => ({ buildId: newBuildId(), manifest });
const NOBODY = new Set<never>();

describe('the machine of a try-out', () => {
  it('is one that keeps room for a player beside it, though another is emptier', () => {
    const wanted = build();
    const needs = studioBuildNeeds(wanted.manifest, { capacity: CAPACITY, gpu: { kind: 'none' } });
    const last = machine('last room', { free: needs, slots: 1, freeSlots: 1 });
    const roomy = machine('roomy', { freeSlots: 2 });
    expect(chooseMachine([last, roomy], wanted, NOBODY)).toMatchObject({ name: 'roomy' });
    expect(chooseMachine([last], wanted, NOBODY)).toMatchObject({ name: 'last room' });
  });

  it('is the one with most left, else the one that has the build', () => {
    const wanted = build();
    const busy = machine('busy', { freeSlots: 2 });
    const empty = machine('empty');
    expect(chooseMachine([busy, empty], wanted, NOBODY)).toMatchObject({ name: 'empty' });
    const builds = { runtimes: ['linux' as const], warm: [wanted.buildId] };
    const warm = machine('warm', {}, { builds });
    expect(chooseMachine([empty, warm], wanted, NOBODY)).toMatchObject({ name: 'warm' });
  });

  it.each([
    ['nobody is there', [], /none that is connected runs programs of studios/],
    [
      'nobody runs such builds',
      [machine('web', {}, { builds: { runtimes: ['web'], warm: [] } })],
      /none that is connected runs programs of studios/,
    ],
    ['all are busy', [machine('busy', { state: 'busy', freeSlots: 0 })], /Players come first/],
    ['one is leaving', [machine('leaves', { state: 'draining' })], /Players come first/],
    [
      'no room is large enough',
      [machine('small', { free: { ...CAPACITY, memoryBytes: 1 } })],
      /Players come first/,
    ],
  ])('is none where %s, and that is said', (_what, machines, words) => {
    const choice = chooseMachine(machines, build(), NOBODY);
    expect('waitsFor' in choice && choice.waitsFor).toMatch(words);
  });

  it('is not one that has just refused', () => {
    const one = machine('one');
    const refused = new Set([one.candidate.containerId]);
    const other = machine('other', { freeSlots: 1 });
    expect(chooseMachine([one, other], build(), refused)).toMatchObject({ name: 'other' });
    const choice = chooseMachine([one], build(), refused);
    expect('waitsFor' in choice && choice.waitsFor).toMatch(/did not take it/);
  });
});
