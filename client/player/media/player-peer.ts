import type { ChannelLabel } from '../../../protocol/channels.ts';
import type { PlayerWelcome } from '../../../protocol/player-messages.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';

export type SignalPayload = SessionSignal['payload'];

/** Where a connection to a worker reports. Nothing comes after `close()`. */
export interface PlayerPeerListener {
  /** To be relayed to the worker. */
  handleLocalSignal(payload: SignalPayload): void;
  /** A pair of addresses works, long before anything is open; told anew after an ICE restart. */
  handleReached?(): void;
  /** All channels are open: input may flow. */
  handleOpen(): void;
  handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void;
  handleTrack(track: MediaStreamTrack): void;
  /** No packets for some seconds; it may come back by itself. */
  handleSilence(): void;
  /** Packets again after a silence. */
  handleRecovered(): void;
  /** For good: another connection is needed. */
  handleLost(): void;
}

/** A WebRTC connection to a worker, seen from the browser. */
export interface PlayerPeer {
  /** Offers, as many as come, and candidates. */
  handleRemoteSignal(payload: SignalPayload): void;
  /** Says again that nothing is to be held back for smoothness. */
  refreshPlayout(): void;
  /** False where the channel is not open: the message was not sent. */
  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean;
  getStats(): Promise<RTCStatsReport>;
  close(): void;
}

/** How a worker may be reached. */
export type Ice = Pick<PlayerWelcome, 'iceServers' | 'relayOnly'>;

export type OpenPeer = (ice: Ice, listener: PlayerPeerListener) => PlayerPeer;
