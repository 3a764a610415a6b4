import type { Capacity } from '../../protocol/capacity.ts';
import type { ContainerId } from '../../protocol/ids.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { OfferKey } from './offer-key.ts';

/** A game as one container offers it. */
export interface OfferedGame {
  /** What a session with default settings takes. */
  readonly needs: Capacity;
  /** How many players a session has room for. */
  readonly players: number;
  /** Its build is on the machine's disk and was played lately. */
  readonly warm: boolean;
  /** Real or software. */
  readonly needsGpu: boolean;
}

/** How the sessions of a container went lately. */
export interface RecentQuality {
  readonly clickToPhotonP95Ms: number;
  /** Those that failed among them. */
  readonly sessions: number;
  readonly failures: number;
}

/**
 * A container as the indexer sees it. Nothing of it may be changed once it is handed over: what is
 * new comes as a new candidate. Where games or codecs are the same object as before, they are not
 * looked at again.
 */
export interface Candidate {
  readonly containerId: ContainerId;
  readonly name: string;
  readonly region: string;
  readonly state: 'standby' | 'busy' | 'draining' | 'quarantined' | 'joining';
  readonly games: ReadonlyMap<OfferKey, OfferedGame>;
  readonly codecs: ReadonlySet<VideoCodec>;
  readonly gpu: 'hardware' | 'software' | 'none';
  readonly capacity: Capacity;
  readonly free: Capacity;
  readonly slots: number;
  readonly freeSlots: number;
  /** Not negative. */
  readonly pricePerHour: number;
  /** Signaling ↔ container: the smallest recent one, milliseconds. */
  readonly roundTripMs: number | undefined;
  readonly quality: RecentQuality | undefined;
}
