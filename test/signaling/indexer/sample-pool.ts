import type { Capacity } from '../../../protocol/capacity.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import type { Candidate, OfferedGame } from '../../../signaling/indexer/candidate.ts';
import { ContainerIndex } from '../../../signaling/indexer/container-index.ts';
import type { Ticket } from '../../../signaling/indexer/ticket.ts';
import { containerId } from './random-pool.ts';

export const GAME = 'skimmer';

/** Of a machine that takes four sessions. */
export const CAPACITY: Capacity = {
  pixelsPerSecond: 4 * 1280 * 720 * 60,
  cpus: 8,
  memoryBytes: 8e9,
  gpuMemoryBytes: 0,
};

export const OFFER: OfferedGame = {
  needs: { pixelsPerSecond: 1280 * 720 * 60, cpus: 2, memoryBytes: 2e9, gpuMemoryBytes: 0 },
  players: 1,
  warm: true,
  needsGpu: false,
};

/** An empty, free, warm container in no region that anybody knows. */
export function candidate(number: number, overrides: Partial<Candidate> = {}): Candidate {
  return {
    containerId: containerId(number),
    name: `machine ${number}`,
    region: 'here',
    state: 'standby',
    games: new Map([[GAME, OFFER]]),
    builds: { runtimes: [], warm: [] },
    codecs: new Set(['h264', 'vp8']),
    gpu: 'software',
    capacity: CAPACITY,
    free: CAPACITY,
    slots: 4,
    freeSlots: 4,
    pricePerHour: 0,
    roundTripMs: 10,
    quality: undefined,
    ...overrides,
  };
}

export function offering(overrides: Partial<OfferedGame>): Candidate['games'] {
  return new Map([[GAME, { ...OFFER, ...overrides }]]);
}

export function indexOf(...candidates: readonly Candidate[]): ContainerIndex {
  const index = new ContainerIndex();
  for (const one of candidates) index.upsert(one);
  return index;
}

export function ticket(overrides: Partial<Ticket> = {}): Ticket {
  return {
    gameId: GAME,
    codecs: ['h264'],
    settings: DEFAULT_STREAM_SETTINGS,
    players: 1,
    waitedMs: 0,
    paths: new Map(),
    regionPaths: new Map(),
    refused: new Set(),
    seed: 1,
    ...overrides,
  };
}
