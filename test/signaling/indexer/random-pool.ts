import fc from 'fast-check';
import type { Capacity } from '../../../protocol/capacity.ts';
import { type ContainerId, containerIdSchema } from '../../../protocol/ids.ts';
import { FRAME_RATES, RESOLUTIONS, VIDEO_CODECS } from '../../../protocol/stream-settings.ts';
import type { Candidate, OfferedGame } from '../../../signaling/indexer/candidate.ts';
import type { Ticket } from '../../../signaling/indexer/ticket.ts';

/** Few of each, so that containers collide, tie and come back. */
const IDS = 40;
const GAMES = ['skimmer', 'neverball', 'chess', 'rally'];
const REGIONS = ['here', 'there', 'yonder', 'nowhere'];

export function containerId(number: number): ContainerId {
  return containerIdSchema.parse(`00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);
}

export const anyContainerId = fc.integer({ min: 0, max: IDS - 1 }).map(containerId);

/** Few values, so that scores tie. */
const level = fc.constantFrom(0, 1, 2);
const size = fc.constantFrom(0, 1, 4, 4, 8, 8);
const PIXELS = 1280 * 720 * 60;

const anyNeeds: fc.Arbitrary<Capacity> = fc.record({
  pixelsPerSecond: level.map((n) => (n * PIXELS) / 2),
  cpus: level.map((n) => n / 2),
  memoryBytes: level,
  gpuMemoryBytes: fc.constantFrom(0, 0, 0, 1),
});

const anyCapacity: fc.Arbitrary<Capacity> = fc.record({
  pixelsPerSecond: size.map((n) => n * PIXELS),
  cpus: size,
  memoryBytes: size,
  gpuMemoryBytes: fc.constantFrom(0, 2, 2),
});

const anyOffer: fc.Arbitrary<OfferedGame> = fc.record({
  needs: anyNeeds,
  players: fc.constantFrom(1, 4, 4),
  warm: fc.boolean(),
  needsGpu: fc.constantFrom(false, false, false, true),
});

const anyGames = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...GAMES), anyOffer), {
    selector: ([id]) => id,
    minLength: 2,
  })
  .map((entries) => new Map(entries));

const anyCodecs = fc.subarray([...VIDEO_CODECS], { minLength: 2 });
const anyRoundTripMs = fc.oneof(
  fc.constantFrom(5, 30, 300),
  fc.double({ min: 0, max: 900, noNaN: true }),
);

export const anyCandidate: fc.Arbitrary<Candidate> = fc
  .record({
    containerId: anyContainerId,
    name: fc.constant('a machine'),
    region: fc.constantFrom(...REGIONS),
    state: fc.constantFrom(
      ...(['standby', 'standby', 'standby', 'standby'] as const),
      ...(['busy', 'draining', 'quarantined', 'joining'] as const),
    ),
    games: anyGames,
    builds: fc.constant({ runtimes: [], warm: [] }),
    codecs: anyCodecs.map((codecs) => new Set(codecs)),
    gpu: fc.constantFrom('hardware', 'software', 'none'),
    capacity: anyCapacity,
    used: fc.constantFrom(0, 0, 0.25, 0.5, 1),
    slots: fc.constantFrom(0, 4, 4, 4),
    usedSlots: fc.constantFrom(0, 0, 1, 2, 4),
    pricePerHour: fc.constantFrom(0, 0, 1, 2.5, 40),
    roundTripMs: fc.option(anyRoundTripMs, { nil: undefined }),
    quality: fc.option(
      fc.record({
        clickToPhotonP95Ms: fc.constantFrom(40, 70, 200),
        sessions: fc.constantFrom(0, 1, 30),
        failures: fc.constantFrom(0, 0, 1, 30),
      }),
      { nil: undefined },
    ),
  })
  .map(({ used, usedSlots, ...rest }) => ({
    ...rest,
    free: {
      pixelsPerSecond: rest.capacity.pixelsPerSecond * (1 - used),
      cpus: rest.capacity.cpus * (1 - used),
      memoryBytes: rest.capacity.memoryBytes * (1 - used),
      gpuMemoryBytes: rest.capacity.gpuMemoryBytes,
    },
    freeSlots: Math.max(0, rest.slots - usedSlots),
  }));

export const anyTicket: fc.Arbitrary<Ticket> = fc
  .record({
    gameId: fc.constantFrom(...GAMES, 'nobody-has-it'),
    codecs: anyCodecs,
    settings: fc.record({
      resolution: fc.constantFrom('auto' as const, RESOLUTIONS[0], RESOLUTIONS[4], RESOLUTIONS[6]),
      frameRate: fc.constantFrom(...FRAME_RATES),
      maxBitrateBps: fc.constant(10_000_000),
      codec: fc.constantFrom('auto' as const, ...VIDEO_CODECS),
    }),
    players: fc.constantFrom(1, 1, 1, 1, 2),
    maxPricePerHour: fc.constantFrom(undefined, undefined, undefined, 2),
    waitedMs: fc.constantFrom(0, 5_000, 20_000, 60_000),
    paths: fc.uniqueArray(fc.tuple(anyContainerId, anyRoundTripMs), { maxLength: 9, size: 'max' }),
    regionPaths: fc.uniqueArray(fc.tuple(fc.constantFrom(...REGIONS), anyRoundTripMs)),
    refused: fc.uniqueArray(anyContainerId, { maxLength: 9, size: 'max' }),
    seed: fc.nat({ max: 0xffff_ffff }),
  })
  .map(({ maxPricePerHour, paths, regionPaths, refused, ...rest }) => ({
    ...rest,
    ...(maxPricePerHour === undefined ? {} : { maxPricePerHour }),
    paths: new Map(paths),
    regionPaths: new Map(regionPaths),
    refused: new Set(refused),
  }));

/** So many fit that most of them are never looked at. */
const MANY = 300;
const LARGE = { pixelsPerSecond: 100 * PIXELS, cpus: 64, memoryBytes: 64, gpuMemoryBytes: 64 };

/** A container that fits nearly every ticket, one of {@link MANY}. */
export const anyFittingCandidate: fc.Arbitrary<Candidate> = fc
  .record({
    number: fc.integer({ min: 0, max: MANY - 1 }),
    drawn: anyCandidate,
    share: fc.constantFrom(1, 1, 0.75, 0.5, 0.3),
    warm: fc.boolean(),
  })
  .map(({ number, drawn, share, warm }) => {
    const needs = { pixelsPerSecond: PIXELS, cpus: 1, memoryBytes: 1, gpuMemoryBytes: 0 };
    const offer = { needs, players: 4, warm, needsGpu: false };
    return {
      ...drawn,
      containerId: containerId(number),
      state: 'standby',
      games: new Map(GAMES.map((game) => [game, offer])),
      codecs: new Set(VIDEO_CODECS),
      capacity: LARGE,
      free: { ...LARGE, cpus: LARGE.cpus * share },
      slots: 4,
      freeSlots: 4,
    };
  });
