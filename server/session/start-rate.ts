import type { NetworkRate } from '../worker/worker-messages.ts';
import { networkOf } from './network-of.ts';

/** Most fixed lines and good radio carry this; a probe finds out within a round trip or two. */
export const DEFAULT_START_BPS = 4_000_000;

/** The path may be busier than last time: begin below what it carried, and probe from there. */
const REMEMBERED_SHARE = 0.8;

/** Where to begin with a player at this address; bits a second. */
export function startRateBps(address: string | undefined, known: readonly NetworkRate[]): number {
  const network = address === undefined ? undefined : networkOf(address);
  const remembered = known.find((rate) => rate.network === network);
  return remembered ? remembered.bitrateBps * REMEMBERED_SHARE : DEFAULT_START_BPS;
}
