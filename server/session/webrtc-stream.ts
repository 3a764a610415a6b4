import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import type { Peer, PeerListener } from '../transport/peer.ts';
import { EncodedStream, type EncodedStreamParts } from './encoded-stream.ts';
import type {
  SharedStream,
  SharedStreamListener,
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
  ViewerOrder,
} from './stream-connection.ts';
import { otherCodec, ViewerConnection, type ViewerConnectionParts } from './viewer-connection.ts';

export interface WebrtcStreamParts
  extends EncodedStreamParts,
    Omit<ViewerConnectionParts, 'stream' | 'createPeer'> {
  createPeer(order: ViewerOrder, codecs: readonly VideoCodec[], listener: PeerListener): Peer;
}

/**
 * A {@link SharedStream} over WebRTC: frame → encoder → packets → the peer of each viewer. Guests see
 * what is encoded for the session's player, as far as their browsers play it; else, where the machine
 * has room, what is encoded once more for them.
 */
export class WebrtcStream implements SharedStream {
  readonly #parts: WebrtcStreamParts;
  readonly #listener: SharedStreamListener;
  readonly #own: EncodedStream;
  readonly #others = new Set<EncodedStream>();
  readonly #closing = new Set<Promise<void>>();

  /**
   * @param receivable what the browser of the session's player decodes.
   * @throws RockpoolError `no-common-codec`.
   */
  constructor(
    parts: WebrtcStreamParts,
    shape: StreamShape,
    receivable: readonly VideoCodec[],
    listener: SharedStreamListener,
  ) {
    this.#parts = parts;
    this.#listener = listener;
    this.#own = new EncodedStream(parts, shape, receivable, {
      handlePictureWanted: () => listener.handlePictureWanted(),
      handleFailure: (error) => listener.handleFailure(error),
      handleUnwatched: () => undefined,
    });
  }

  handleFrame(frame: VideoFrame): void {
    if (this.#others.size === 0) {
      this.#own.handleFrame(frame);
      return;
    }
    const lent = lendTo(1 + this.#others.size, frame);
    this.#own.handleFrame(lent());
    for (const other of this.#others) other.handleFrame(lent());
  }

  handleSound(block: SoundBlock): void {
    this.#own.handleSound(block);
    for (const other of this.#others) other.handleSound(block);
  }

  reshape(shape: StreamShape): void {
    this.#own.reshape(shape);
    // The player's wish is for a codec of their own.
    for (const other of this.#others) other.reshape({ ...shape, codec: 'auto' });
  }

  connect(order: ViewerOrder, listener: StreamConnectionListener): StreamConnection {
    const parts = this.#parts;
    const stream = order.role === 'owner' ? this.#own : this.#streamFor(order);
    try {
      return new ViewerConnection(
        {
          ...parts,
          stream,
          createPeer: (codecs, peerListener) => parts.createPeer(order, codecs, peerListener),
        },
        order,
        listener,
      );
    } catch (error) {
      // One that was made for nobody but them.
      if (stream.isUnwatched) this.#drop(stream);
      throw error;
    }
  }

  async close(): Promise<void> {
    const others = [...this.#others].map((other) => other.close());
    this.#others.clear();
    await Promise.all([this.#own.close(), ...others, ...this.#closing]);
  }

  /** @throws RockpoolError `no-common-codec`. */
  #streamFor({ codecs, mayEncodeAnother }: ViewerOrder): EncodedStream {
    const running = [this.#own, ...this.#others].find(({ codec }) => codecs.includes(codec));
    if (running) return running;
    if (!mayEncodeAnother) throw otherCodec(this.#own.codec);
    const shape = { ...this.#own.shape, codec: 'auto' } as const;
    const other: EncodedStream = new EncodedStream(this.#parts, shape, codecs, {
      handlePictureWanted: () => this.#listener.handlePictureWanted(),
      handleFailure: (error) => {
        // It was made for these alone: the game goes on for all others.
        other.failViewers(error);
        this.#drop(other);
      },
      handleUnwatched: () => this.#drop(other),
    });
    this.#others.add(other);
    this.#listener.handleEncodings(1 + this.#others.size);
    return other;
  }

  #drop(other: EncodedStream): void {
    if (!this.#others.delete(other)) return;
    const closing = other.close();
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
    this.#listener.handleEncodings(1 + this.#others.size);
  }
}

/** Gives one frame to several, each of whom releases it: with the last it goes back. */
function lendTo(borrowers: number, frame: VideoFrame): () => VideoFrame {
  let left = borrowers;
  const release = () => {
    left--;
    if (left === 0) frame.release();
  };
  return () => ({ ...frame, release });
}
