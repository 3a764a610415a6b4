import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import type { ConnectOrder } from '../worker/worker-messages.ts';
import type {
  SharedStream,
  SharedStreamListener,
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
  ViewerOrder,
} from './stream-connection.ts';

/**
 * A stream whose player is offered a connection before it is known whether there will be a game: it
 * answers the browser's pings. The session that comes takes both over as if it had made them.
 */
export class TriedStream implements SharedStream {
  readonly #stream: SharedStream;
  /** Until the session takes it. */
  #tried: StreamConnection | undefined;
  #session: SharedStreamListener | undefined;
  #player: StreamConnectionListener | undefined;

  /** @param create makes the stream. @throws RockpoolError as it does. */
  constructor(
    create: (listener: SharedStreamListener) => SharedStream,
    order: ConnectOrder,
    handleSignal: (payload: SessionSignal['payload']) => void,
  ) {
    this.#stream = create({
      handlePictureWanted: () => this.#session?.handlePictureWanted(),
      handleFailure: (error) => this.#session?.handleFailure(error),
      handleEncodings: (count) => this.#session?.handleEncodings(count),
    });
    const { codecs, iceServers, relayOnly } = order;
    this.#tried = this.#stream.connect(
      { codecs, iceServers, relayOnly, role: 'owner' },
      {
        handleSignal: (payload) =>
          this.#player ? this.#player.handleSignal(payload) : handleSignal(payload),
        handleState: (state) => this.#player?.handleState(state),
        handleInput: (input, receivedUs) => this.#player?.handleInput(input, receivedUs),
        handleControl: (message) => this.#player?.handleControl(message),
        handleControlOpen: () => this.#player?.handleControlOpen(),
        handleRate: (rate) => this.#player?.handleRate(rate),
        // Without a session nothing depends on it: the browser finds that this path does not open.
        handleFailure: (error) => this.#player?.handleFailure(error),
      },
    );
    this.#tried.offer();
  }

  /** Of the player, as long as no session has taken the connection over. */
  handleSignal(payload: SessionSignal['payload']): void {
    this.#tried?.handleSignal(payload);
  }

  /** From now on it is a session's own. */
  take(listener: SharedStreamListener): SharedStream {
    this.#session = listener;
    return this;
  }

  handleFrame(frame: VideoFrame): void {
    this.#stream.handleFrame(frame);
  }

  handleSound(block: SoundBlock): void {
    this.#stream.handleSound(block);
  }

  reshape(shape: StreamShape): void {
    this.#stream.reshape(shape);
  }

  /** The player's first connection is the one that was tried. */
  connect(order: ViewerOrder, listener: StreamConnectionListener): StreamConnection {
    const tried = this.#tried;
    if (!tried || order.role !== 'owner') return this.#stream.connect(order, listener);
    this.#tried = undefined;
    this.#player = listener;
    return tried;
  }

  async close(): Promise<void> {
    await this.#tried?.close();
    await this.#stream.close();
  }
}
