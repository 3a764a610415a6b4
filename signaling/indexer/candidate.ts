import type { BuildManifest } from '../../protocol/build-manifest.ts';
import type { Capacity } from '../../protocol/capacity.ts';
import type { ContainerId } from '../../protocol/ids.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';
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

/** What a container does with studios' builds. */
export interface BuildHost {
  /** Kinds of build that it runs: whichever there are of these, it fetches. */
  readonly runtimes: readonly BuildManifest['runtime'][];
  /** Those on its disk. */
  readonly warm: readonly BuildId[];
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
 * new comes as a new candidate. Where games, builds or codecs are the same object as before, they are
 * not looked at again.
 */
export interface Candidate {
  readonly containerId: ContainerId;
  readonly name: string;
  readonly region: string;
  readonly state: 'standby' | 'busy' | 'draining' | 'quarantined' | 'joining';
  /** Of its own. */
  readonly games: ReadonlyMap<OfferKey, OfferedGame>;
  /** What it does with studios' builds. Which of those there are, the index knows. */
  readonly builds: BuildHost;
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
