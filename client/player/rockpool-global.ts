import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Player } from './player.ts';
import type { LatencySample, LatencySnapshot, PlayerSnapshot } from './player-snapshot.ts';

/** `window.rockpool`: what the page's own scripts, tests and curious people may read. */
export interface RockpoolGlobal {
  /** Version of the protocol this page speaks. */
  readonly version: number;
  /** State and figures as they are now; see `PlayerSnapshot`. */
  readonly snapshot: PlayerSnapshot;
  readonly latency: {
    /** Percentiles of click-to-photon and of its stages; undefined before the first connection. */
    readonly percentiles: Omit<LatencySnapshot, 'recent'> | undefined;
    /** The newest 5000 inputs followed to the screen, oldest first. */
    samples(): readonly LatencySample[];
  };
}

declare global {
  interface Window {
    readonly rockpool?: RockpoolGlobal;
  }
}

/**
 * Defines `window.rockpool` for this player; the newest player takes the place of earlier ones.
 * @returns withdraws it, unless a newer player has taken its place.
 */
export function exposeRockpool(player: Player): () => void {
  const global: RockpoolGlobal = Object.freeze({
    version: PROTOCOL_VERSION,
    get snapshot() {
      return player.snapshot;
    },
    latency: Object.freeze({
      get percentiles() {
        const { latency } = player.snapshot;
        if (!latency) return undefined;
        const { recent: _, ...percentiles } = latency;
        return percentiles;
      },
      samples: () => player.latencySamples(),
    }),
  });
  Object.defineProperty(window, 'rockpool', {
    value: global,
    configurable: true,
    enumerable: true,
  });
  return () => {
    if (window.rockpool === global) Reflect.deleteProperty(window, 'rockpool');
  };
}
