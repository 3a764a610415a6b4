import type { ChannelLabel } from '../../protocol/channels.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { PlayGrant } from '../../protocol/player-messages.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { StreamSettings, VideoCodec } from '../../protocol/stream-settings.ts';
import type { Channel } from '../../protocol/studio-builds.ts';
import type { PathMemory } from './connection/path-memory.ts';
import type { SignalingOptions } from './connection/signaling-connection.ts';
import type { OpenPeer } from './media/player-peer.ts';
import type { PlayerState } from './player-snapshot.ts';
import type { Resumable } from './resume-store.ts';

export interface SessionFlowOptions extends Omit<SignalingOptions, 'listener'> {
  readonly openPeer: OpenPeer;
  readonly onNetworkChange: (handleChange: () => void) => () => void;
  /** A page that nobody sees is shown no frame. */
  readonly isHidden: () => boolean;
  readonly gameId: GameId;
  /** Undefined: what the game has live. */
  readonly channel: Channel | undefined;
  /** What can be received, best first. */
  readonly codecs: Promise<readonly VideoCodec[]>;
  /** Asked for each request. */
  readonly settings: () => StreamSettings;
  /** Of the present session so far; undefined where nothing was played. */
  readonly quality: () => QualityReport | undefined;
  readonly resume: Resumable | undefined;
  /** How far containers were before. */
  readonly paths: PathMemory;
  readonly listener: SessionFlowListener;
}

/** What a page learns of a session it was given. */
export interface Granted extends Pick<PlayGrant, 'sessionId' | 'resumed'> {
  /** Guests are not told. */
  readonly containerName: string | undefined;
}

export interface SessionFlowListener {
  handleState(state: PlayerState): void;
  /** @param moved why the session before ended, where this one takes its place. */
  handleGrant(grant: Granted, moved: EndReason | undefined): void;
  /** The channels of a new connection are open. */
  handleOpen(): void;
  /** The same connection carries packets again. */
  handleRecovered(): void;
  handleDisconnected(): void;
  handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void;
  handleTrack(track: MediaStreamTrack): void;
}
