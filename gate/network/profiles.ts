import { z } from 'zod';
import { type LinkModel, linkModelSchema, type RateTraceData } from './link-model.ts';
import { LTE_TRACE } from './lte-trace.ts';

/**
 * A network between a container and a player. Delays are one way and hold in each direction: the
 * round trip takes twice as long. So does jitter, and loss meets media and feedback alike.
 */
export const profileSchema = z.strictObject({
  name: z.string(),
  /** Container to player. */
  down: linkModelSchema,
  /** Player to container. */
  up: linkModelSchema,
});
export type Profile = z.infer<typeof profileSchema>;

/** Round trip of an empty network without jitter, milliseconds. */
export function roundTripMs({ down, up }: Profile): number {
  return down.delayMs + up.delayMs;
}

/** For as long as anything runs. */
const DAY_MS = 86_400_000;

const NO_LOSS: LinkModel['loss'] = { kind: 'random', share: 0 };
const NO_JITTER: LinkModel['jitter'] = { spreadMs: 0, correlationMs: 0, reorder: false };

/**
 * A radio drops what an interferer covers: four packets in a row on average, which is more than one
 * parity packet mends and less than a frame at 10 Mbit/s.
 */
const MEAN_BURST_PACKETS = 4;

function megabits(rate: number): RateTraceData {
  return [{ durationMs: DAY_MS, bitrateBps: rate * 1e6 }];
}

/**
 * The uplink is the downlink with another rate where access is sold that way. It carries input,
 * feedback and acknowledgements, less than 0.5 Mbit/s: no uplink here is ever full.
 */
function profile(name: string, down: LinkModel, uplink: RateTraceData): Profile {
  return { name, down, up: { ...down, rate: uplink } };
}

const DATA: readonly Profile[] = [
  // A switch: 20 ms are 2.5 MB, more than it has, so that nothing here is ever dropped.
  profile(
    'lan',
    {
      delayMs: 0,
      jitter: NO_JITTER,
      loss: NO_LOSS,
      rate: megabits(1000),
      queue: { delayMs: 20 },
    },
    megabits(1000),
  ),
  // Symmetric, as fibre is.
  profile(
    'fibre',
    {
      delayMs: 12,
      jitter: NO_JITTER,
      loss: NO_LOSS,
      rate: megabits(50),
      queue: { delayMs: 100 },
    },
    megabits(50),
  ),
  // DOCSIS grants the upstream in rounds of a few milliseconds: neighbours share their fate, and a
  // queue keeps their order. A quarter of the rate upstream is how it is commonly sold.
  profile(
    'cable',
    {
      delayMs: 30,
      jitter: { spreadMs: 5, correlationMs: 20, reorder: false },
      loss: { kind: 'random', share: 0.002 },
      rate: megabits(20),
      queue: { delayMs: 150 },
    },
    megabits(5),
  ),
  // Retries at the link layer hold single packets back while later ones pass. One channel, one rate.
  profile(
    'wifi',
    {
      delayMs: 15,
      jitter: { spreadMs: 15, correlationMs: 0, reorder: true },
      loss: { kind: 'bursts', share: 0.01, meanBurstPackets: MEAN_BURST_PACKETS },
      rate: megabits(30),
      queue: { delayMs: 100 },
    },
    megabits(30),
  ),
  // A cell's scheduler turns to others for a tenth of a second; its queues are deep, and radio link
  // control delivers in order. A third upstream, of the mean, as phones send with less power.
  profile(
    'lte',
    {
      delayMs: 50,
      jitter: { spreadMs: 15, correlationMs: 100, reorder: false },
      loss: { kind: 'random', share: 0.005 },
      rate: LTE_TRACE,
      queue: { delayMs: 300 },
    },
    megabits(2.5),
  ),
  // Only the way down has the step: what comes back stays the same, so that what is seen is the
  // sender's answer to its own bottleneck.
  profile(
    'step',
    {
      delayMs: 30,
      jitter: NO_JITTER,
      loss: NO_LOSS,
      rate: [
        { durationMs: 20_000, bitrateBps: 8e6 },
        { durationMs: 20_000, bitrateBps: 2e6 },
        { durationMs: 20_000, bitrateBps: 8e6 },
      ],
      queue: { delayMs: 200 },
    },
    megabits(8),
  ),
  // A long way over bad radio.
  profile(
    'lossy',
    {
      delayMs: 40,
      jitter: { spreadMs: 5, correlationMs: 50, reorder: false },
      loss: { kind: 'bursts', share: 0.05, meanBurstPackets: MEAN_BURST_PACKETS },
      rate: megabits(10),
      queue: { delayMs: 200 },
    },
    megabits(10),
  ),
  // For several flows at once: a queue of two and a half round trips, as home routers have.
  profile(
    'shared',
    {
      delayMs: 20,
      jitter: NO_JITTER,
      loss: NO_LOSS,
      rate: megabits(10),
      queue: { delayMs: 100 },
    },
    megabits(10),
  ),
];

/** By name. */
export const PROFILES: ReadonlyMap<string, Profile> = new Map(
  DATA.map((data) => [data.name, profileSchema.parse(data)]),
);
