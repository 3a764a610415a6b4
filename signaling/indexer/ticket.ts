import type { ContainerId } from '../../protocol/ids.ts';
import type { StreamSettings, VideoCodec } from '../../protocol/stream-settings.ts';
import type { OfferKey } from './offer-key.ts';

/** What a player asks for, with what is known of the ways to the containers. */
export interface Ticket {
  /** Of a studio's game the build that is asked for. */
  readonly gameId: OfferKey;
  /** What the browser decodes. A codec fixed in the settings is a wish and rejects no container. */
  readonly codecs: readonly VideoCodec[];
  readonly settings: StreamSettings;
  /** How many play together, 1 at least. */
  readonly players: number;
  readonly maxPricePerHour?: number;
  readonly waitedMs: number;
  /** Round trips this player's browser measured: the least of several pings, milliseconds. */
  readonly paths: ReadonlyMap<ContainerId, number>;
  /** Round trips from this player's network to a region before now, milliseconds. */
  readonly regionPaths: ReadonlyMap<string, number>;
  /** Containers that were asked for this ticket and did not take it. */
  readonly refused: ReadonlySet<ContainerId>;
  /** 32 bits, the ticket's own: decides between containers that are equally good. */
  readonly seed: number;
}
