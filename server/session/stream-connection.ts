import type { BrowserControl, WorkerControl } from '../../protocol/control-messages.ts';
import type { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { Resolution, StreamSettings } from '../../protocol/stream-settings.ts';
import type { GameInput, SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import type { PeerState } from '../transport/peer.ts';
import type { ConnectOrder, NetworkRate } from '../worker/worker-messages.ts';
import type { StreamSecond } from './resolution-governor.ts';
import type { ViewerRole } from './shared-rate.ts';

/** What the picture of a stream should be. */
export interface StreamShape {
  readonly resolution: Resolution;
  /** No more of it is sent; all of it where left out. */
  readonly largestSent?: Resolution | undefined;
  /** Frames per second. */
  readonly frameRate: number;
  readonly maxBitrateBps: number;
  readonly codec: StreamSettings['codec'];
}

/** Where a connection reports; nothing comes after `close()`. */
export interface StreamConnectionListener {
  handleState(state: PeerState): void;
  /** To be relayed to the browser. */
  handleSignal(payload: SessionSignal['payload']): void;
  /** @param receivedUs microseconds of the worker's clock. */
  handleInput(input: GameInput, receivedUs: number): void;
  handleControl(message: BrowserControl): void;
  /** The `control` channel is open: the hello may be sent. */
  handleControlOpen(): void;
  /** What the far side's network was just seen to carry. */
  handleRate(rate: NetworkRate): void;
  /** This connection cannot go on. */
  handleFailure(error: RockpoolError): void;
}

/** Who is to be connected, and how. */
export interface ViewerOrder extends Pick<ConnectOrder, 'codecs' | 'iceServers' | 'relayOnly'> {
  readonly role: ViewerRole;
  /** Whether the machine has room to encode the picture once more, for whom the codec is no good. */
  readonly mayEncodeAnother?: boolean;
}

/** One second of a connection. */
export interface ViewerSecond {
  /** What it cost the machine; undefined where nobody was looking. */
  readonly cost: StreamSecond | undefined;
  /** Pictures made, and those of them that went to this viewer. */
  readonly made: number;
  readonly sent: number;
  /** Of packets, 0 to 1. */
  readonly fractionLost: number;
  /** Undefined before the first feedback. */
  readonly rttMs: number | undefined;
}

/** One peer connection of a session: to its player, or to a guest. */
export interface StreamConnection {
  /** Makes the offer and nothing else: until it is opened, the listener is told of signals alone. */
  offer(): void;
  /** Makes the offer unless it is made, and opens the encoders; the rest is told to the listener. */
  open(): void;
  handleSignal(payload: SessionSignal['payload']): void;
  requestKeyframe(): void;
  /** Counts what the far side sent beyond its rights. */
  countRefused(): void;
  /** Lost where the channel is not open. */
  sendControl(message: WorkerControl): void;
  /** Tells the browser what it is about to see. */
  sendHello(game: GameInfo, resumed: boolean): void;
  /** Tells the browser how the last second went. */
  reportHealth(): ViewerSecond;
  close(): Promise<void>;
}

/** Where a stream reports; nothing comes after `close()`. */
export interface SharedStreamListener {
  /** A keyframe is due, and the game may draw nothing of its own accord for a while. */
  handlePictureWanted(): void;
  /** No encoder works any more. */
  handleFailure(error: RockpoolError): void;
  /** In so many codecs the picture is encoded from now on. */
  handleEncodings(count: number): void;
}

/** Picture and sound of a game on their way to all who see it: made once for each codec in use. */
export interface SharedStream {
  /** Takes the frame over: it is released when encoded, or at once where it is not needed. */
  handleFrame(frame: VideoFrame): void;
  handleSound(block: SoundBlock): void;
  reshape(shape: StreamShape): void;
  /** @throws RockpoolError `no-common-codec`. */
  connect(order: ViewerOrder, listener: StreamConnectionListener): StreamConnection;
  /** Closes what is shared; each connection is closed by whom it was made for. */
  close(): Promise<void>;
}
