import type { GameInfo } from '../../protocol/game-info.ts';
import type { GuestStanding, Sharing } from '../../protocol/guest-messages.ts';
import type { LatencyStage } from '../../protocol/latency-stages.ts';
import type { StayReason } from '../../protocol/player-messages.ts';
import type { SessionProgress } from '../../protocol/session-progress.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { Resolution, VideoCodec } from '../../protocol/stream-settings.ts';
import type { Waiting } from './connection/place-in-line.ts';
import type { StreamFigures } from './media/stream-statistics.ts';

/** Why a player could not start; each has its own page with what to do about it. */
export type PlayerProblem =
  | 'no-webrtc'
  | 'no-common-codec'
  | 'turn-missed'
  | 'unknown-game'
  | 'protocol-mismatch'
  | 'signaling-unreachable'
  | 'connection-failed'
  | 'refused'
  /** Of a link into somebody's game: taken back, or no place left, or the game is over. */
  | 'invite-revoked'
  | 'invite-full'
  | 'invite-over';

/** Where a player is. `interrupted` shows the last picture and tries again by itself. */
export type PlayerState =
  | { readonly name: 'idle' }
  | {
      readonly name: 'connecting';
      readonly step: 'signaling' | 'pairing' | 'measuring' | 'media';
      /** Why the session before ended, where this one takes its place. */
      readonly moved?: EndReason;
    }
  /** Every place is taken, or it is this player's turn: see `offer`. */
  | ({ readonly name: 'waiting' } & Waiting)
  | { readonly name: 'streaming' }
  | {
      readonly name: 'interrupted';
      readonly sinceMs: number;
      /** When the container gives the game up; `performance.now()` time. */
      readonly untilMs: number;
    }
  | { readonly name: 'ended'; readonly reason: EndReason; readonly detail: string | undefined }
  | { readonly name: 'failed'; readonly problem: PlayerProblem; readonly message: string };

export interface Percentiles {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  /** Milliseconds. */
  readonly p95: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** One input followed to the first displayed frame that shows it. Times in milliseconds. */
export interface LatencySample {
  readonly inputSeq: number;
  /** When the input event happened, `performance.now()` time. */
  readonly inputAtMs: number;
  /** When the frame that shows it was displayed, `performance.now()` time. */
  readonly shownAtMs: number;
  readonly frameNumber: number;
  readonly totalMs: number;
  readonly stages: Readonly<Record<LatencyStage, number>>;
}

export interface LatencySnapshot {
  /** Click-to-photon over the session so far. */
  readonly total: Percentiles;
  readonly stages: Readonly<Record<LatencyStage, Percentiles>>;
  /** The newest samples, oldest first, at most 120. */
  readonly recent: readonly LatencySample[];
  /** Browser ↔ worker round trip on the data channel, milliseconds; undefined before the first. */
  readonly rttMs: number | undefined;
  /**
   * How far the worker's times may be off on the browser's clock, milliseconds: by so much at most
   * `uplink` is too long and `network` too short, or the other way round. The total does not depend on
   * it. Undefined before the first round trip.
   */
  readonly clockErrorMs: number | undefined;
}

/** The network as the worker sees it, once a second. */
export interface NetworkSnapshot {
  /** What the path is believed to carry, bits a second. */
  readonly estimateBps: number;
  /** Of RTP packets, over the last second, 0 to 1. */
  readonly fractionLost: number;
  /** Media round trip; undefined before the first report. */
  readonly rttMs: number | undefined;
  /** What waits in the worker to be sent. */
  readonly pacerQueueMs: number;
  /** Share of the bytes sent that repair losses, 0 to 1. */
  readonly repairFraction: number;
  /** Frames not encoded because the network was behind, since the connection began. */
  readonly skippedFrames: number;
}

/** What the player chose and the worker does of it. */
export interface StreamShape {
  readonly codec: VideoCodec;
  readonly encoder: string;
  /** The game's own; see {@link sent}. */
  readonly resolution: Resolution;
  readonly frameRate: number;
  /** The most the encoder may produce, as the player chose. */
  readonly targetBitrateBps: number;
  /** What is being sent: less than the game's own while the network carries less. */
  readonly sent: Resolution & { readonly frameRate: number };
}

export interface StreamSnapshot extends StreamShape, StreamFigures {
  /** Undefined before the worker's first report. */
  readonly network: NetworkSnapshot | undefined;
  /** Worker event-loop delay, 99th percentile of the last second. */
  readonly workerLoopDelayP99Ms: number;
  /** False while the machine cannot keep up with the game, whatever is done about the picture. */
  readonly machineKeepsUp: boolean;
  /** Why the game stays on such a machine; undefined before anybody was asked. */
  readonly staysBecause: StayReason | undefined;
  /** How often the watchdog stepped in since the session began. */
  readonly recoveries: number;
}

/** Everything a page may show of a player, replaced as a whole and never mutated. */
export interface PlayerSnapshot {
  readonly state: PlayerState;
  readonly sessionId: string | undefined;
  readonly containerName: string | undefined;
  readonly resumed: boolean;
  /** Why the session before this one ended, where this one took its place by itself. */
  readonly moved: EndReason | undefined;
  readonly game: GameInfo | undefined;
  /** Why there is no picture yet, where that takes longer; undefined once there is. */
  readonly progress: SessionProgress | undefined;
  readonly stream: StreamSnapshot | undefined;
  readonly latency: LatencySnapshot | undefined;
  /** True while the browser withholds sound until the next click or key. */
  readonly soundBlocked: boolean;
  /** From `play()` to the first frame shown, milliseconds. */
  readonly firstFrameMs: number | undefined;
  readonly pads: readonly { readonly pad: number; readonly name: string }[];
  readonly pointerLocked: boolean;
  /** Guests and links, where this is the player's own game; undefined before it is known. */
  readonly sharing: Sharing | undefined;
  /** What may be done here, where this is a visit to another's game. */
  readonly guest: GuestStanding | undefined;
}

/** A player that has not begun. */
export const NO_SESSION: PlayerSnapshot = {
  state: { name: 'idle' },
  sessionId: undefined,
  containerName: undefined,
  resumed: false,
  moved: undefined,
  game: undefined,
  progress: undefined,
  stream: undefined,
  latency: undefined,
  soundBlocked: false,
  firstFrameMs: undefined,
  pads: [],
  pointerLocked: false,
  sharing: undefined,
  guest: undefined,
};
