import type { GameInfo } from '../../protocol/game-info.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { Resolution, VideoCodec } from '../../protocol/stream-settings.ts';

/** Why a player could not start; each has its own page with what to do about it. */
export type PlayerProblem =
  | 'no-webrtc'
  | 'no-common-codec'
  | 'no-free-slot'
  | 'unknown-game'
  | 'protocol-mismatch'
  | 'signaling-unreachable'
  | 'connection-failed'
  | 'refused';

/** Where a player is. `interrupted` shows the last picture and tries again by itself. */
export type PlayerState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly step: 'signaling' | 'pairing' | 'media' }
  | { readonly name: 'streaming' }
  | {
      readonly name: 'interrupted';
      readonly sinceMs: number;
      /** When the container gives the game up; `performance.now()` time. */
      readonly untilMs: number;
    }
  | { readonly name: 'ended'; readonly reason: EndReason; readonly detail: string | undefined }
  | { readonly name: 'failed'; readonly problem: PlayerProblem; readonly message: string };

/** The stages of DESIGN's latency accounting, in order; they tile click-to-photon exactly. */
export const LATENCY_STAGES = [
  'uplink',
  'wait',
  'render',
  'encode',
  'network',
  'decode',
  'present',
] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

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
}

export interface StreamSnapshot {
  readonly codec: VideoCodec;
  readonly encoder: string;
  readonly resolution: Resolution;
  readonly frameRate: number;
  /** The ceiling the worker encodes to. */
  readonly targetBitrateBps: number;
  /** Measured over the last second. */
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
  readonly packetsLost: number;
  readonly freezes: number;
  readonly droppedFrames: number;
  /** Worker event-loop delay, 99th percentile of the last second. */
  readonly workerLoopDelayP99Ms: number;
}

/** Everything a page may show of a player, replaced as a whole and never mutated. */
export interface PlayerSnapshot {
  readonly state: PlayerState;
  readonly sessionId: string | undefined;
  readonly containerName: string | undefined;
  readonly resumed: boolean;
  readonly game: GameInfo | undefined;
  readonly stream: StreamSnapshot | undefined;
  readonly latency: LatencySnapshot | undefined;
  /** True while the browser withholds sound until the next click or key. */
  readonly soundBlocked: boolean;
  /** From `play()` to the first frame shown, milliseconds. */
  readonly firstFrameMs: number | undefined;
  readonly pads: readonly { readonly pad: number; readonly name: string }[];
  readonly pointerLocked: boolean;
}

/** A player that has not begun. */
export const NO_SESSION: PlayerSnapshot = {
  state: { name: 'idle' },
  sessionId: undefined,
  containerName: undefined,
  resumed: false,
  game: undefined,
  stream: undefined,
  latency: undefined,
  soundBlocked: false,
  firstFrameMs: undefined,
  pads: [],
  pointerLocked: false,
};
