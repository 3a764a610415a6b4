import { type Profile, profileSchema } from '../../gate/network/profiles.ts';
import type { PageDelays } from '../page/stage-delays.ts';
import type { StageTimes } from './stage-changes.ts';

/** A delay of a known length in a known place. */
export interface Injection {
  readonly name: string;
  /** What the accounting has to say of it, in milliseconds; what is not named does not change. */
  readonly expectedMs: Partial<StageTimes>;
  /** Of the container. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In the page. */
  readonly page?: Partial<PageDelays>;
  /** Of the relay, through which everything is led. */
  readonly profile: Profile;
  /**
   * Whether the far side's clock cannot be known well enough: then the border of uplink and network
   * may be off by what the accounting says of its clock, and by no more.
   */
  readonly isClockTried?: boolean;
  /** False where the page shows pictures earlier than it is told of them: then pixels say nothing. */
  readonly hasPixels?: boolean;
}

interface Path {
  /** Of all that goes to the player, milliseconds. */
  readonly downMs?: number;
  /** Of all that comes back. */
  readonly upMs?: number;
  /** Of media more than that. */
  readonly mediaMs?: number;
}

const DAY_MS = 86_400_000;

/** A path without limits; with no delays it is there to be the same for what is compared. */
export function pathProfile(name: string, { downMs = 0, upMs = 0, mediaMs = 0 }: Path): Profile {
  const link = {
    loss: { kind: 'random', share: 0 },
    rate: [{ durationMs: DAY_MS, bitrateBps: 1e9 }],
    queue: { delayMs: 20 },
    // What is not media must not wait behind media that is delayed.
    jitter: { spreadMs: 0, correlationMs: 0, reorder: true },
  } as const;
  return profileSchema.parse({
    name,
    down: { ...link, delayMs: downMs, mediaDelayMs: mediaMs },
    up: { ...link, delayMs: upMs },
  });
}

const STRAIGHT = pathProfile('straight', {});

/** Nothing is delayed: what all others are compared with. */
export const NOTHING: Injection = { name: 'nothing', expectedMs: {}, profile: STRAIGHT };

/** Each stage by itself, then what no clock can tell apart. */
export function injectionsOf(delayMs: number): readonly Injection[] {
  const environment = (stage: 'RENDER' | 'ENCODE') => ({
    [`ROCKPOOL_DELAY_${stage}_MS`]: String(delayMs),
  });
  return [
    {
      name: 'uplink',
      expectedMs: { uplink: delayMs },
      page: { uplinkMs: delayMs },
      profile: STRAIGHT,
    },
    {
      name: 'render',
      expectedMs: { render: delayMs },
      environment: environment('RENDER'),
      profile: STRAIGHT,
    },
    {
      name: 'encode',
      expectedMs: { encode: delayMs },
      environment: environment('ENCODE'),
      profile: STRAIGHT,
    },
    {
      name: 'network',
      expectedMs: { network: delayMs },
      profile: pathProfile('late-media', { mediaMs: delayMs }),
    },
    {
      name: 'decode',
      expectedMs: { decode: delayMs },
      page: { decodeMs: delayMs },
      profile: STRAIGHT,
    },
    {
      name: 'present',
      expectedMs: { present: delayMs },
      page: { presentMs: delayMs },
      profile: STRAIGHT,
      hasPixels: false,
    },
    {
      name: 'both ways',
      expectedMs: { uplink: delayMs, network: delayMs },
      profile: pathProfile('both-ways', { downMs: delayMs, upMs: delayMs }),
    },
    {
      name: 'one way',
      expectedMs: { network: delayMs },
      profile: pathProfile('one-way', { downMs: delayMs }),
      isClockTried: true,
    },
  ];
}
