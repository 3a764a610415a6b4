import type { BrowserControl, WorkerControl } from '../../protocol/control-messages.ts';
import type { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { Resolution, StreamSettings } from '../../protocol/stream-settings.ts';
import type { GameInput, SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import type { PeerState } from '../transport/peer.ts';
import type { NetworkRate } from '../worker/worker-messages.ts';
import type { StreamSecond } from './resolution-governor.ts';

/** What the picture on a connection should be. */
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
  /** A keyframe is due, and the game may draw nothing of its own accord for a while. */
  handlePictureWanted(): void;
  /** The `control` channel is open: the hello may be sent. */
  handleControlOpen(): void;
  /** What the player's network was just seen to carry. */
  handleRate(rate: NetworkRate): void;
  /** No encoder works any more. */
  handleFailure(error: RockpoolError): void;
}

/** One peer connection of a session with everything between a finished frame and the network. */
export interface StreamConnection {
  /** Makes the offer and opens the encoder; the rest is told to the listener. */
  open(): void;
  handleSignal(payload: SessionSignal['payload']): void;
  /** Takes the frame over: it is released when encoded, or at once where it is not needed. */
  handleFrame(frame: VideoFrame): void;
  handleSound(block: SoundBlock): void;
  requestKeyframe(): void;
  reshape(shape: StreamShape): void;
  /** Lost where the channel is not open. */
  sendControl(message: WorkerControl): void;
  /** Tells the browser what it is about to see. */
  sendHello(game: GameInfo, resumed: boolean): void;
  /**
   * Tells the browser how the last second went.
   * @returns what it cost the machine; undefined where nobody was looking.
   */
  reportHealth(): StreamSecond | undefined;
  close(): Promise<void>;
}
