import type { Capacity } from './capacity.ts';
import { DEFAULT_FRAME_RATE, type StreamSettings } from './stream-settings.ts';

type Size = Pick<StreamSettings, 'resolution' | 'frameRate'>;

/** What a machine that is too small for what a player chose does instead. */
export const MODEST_SIZE: Size = { resolution: 'auto', frameRate: DEFAULT_FRAME_RATE };

/**
 * What one session takes with what its player chose.
 * @param needs of the game, at the default frame rate and the size that suits the container.
 */
export function sessionNeeds(needs: Capacity, { resolution, frameRate }: Size): Capacity {
  const pixelsPerSecond =
    resolution === 'auto'
      ? // In this order the default frame rate gives exactly what the game said.
        (needs.pixelsPerSecond * frameRate) / DEFAULT_FRAME_RATE
      : resolution.width * resolution.height * frameRate;
  return { ...needs, pixelsPerSecond };
}

/**
 * What a session takes of a machine. One that could not encode what was chosen even with nothing else
 * to do sends what it can, as a stream does on any machine that is too slow.
 * @param capacity of the machine, empty.
 */
export function needsOn(capacity: Capacity, needs: Capacity, size: Size): Capacity {
  const asked = sessionNeeds(needs, size);
  const isTooLarge = asked.pixelsPerSecond > capacity.pixelsPerSecond;
  return isTooLarge ? sessionNeeds(needs, MODEST_SIZE) : asked;
}
