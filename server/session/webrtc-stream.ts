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
import { ViewerConnection, type ViewerConnectionParts } from './viewer-connection.ts';

export interface WebrtcStreamParts
  extends EncodedStreamParts,
    Omit<ViewerConnectionParts, 'stream' | 'createPeer'> {
  createPeer(order: ViewerOrder, codecs: readonly VideoCodec[], listener: PeerListener): Peer;
}

/** A {@link SharedStream} over WebRTC: frame → encoder → packets → the peer of each viewer. */
export class WebrtcStream implements SharedStream {
  readonly #parts: WebrtcStreamParts;
  readonly #encoded: EncodedStream;

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
    this.#encoded = new EncodedStream(parts, shape, receivable, listener);
  }

  handleFrame(frame: VideoFrame): void {
    this.#encoded.handleFrame(frame);
  }

  handleSound(block: SoundBlock): void {
    this.#encoded.handleSound(block);
  }

  reshape(shape: StreamShape): void {
    this.#encoded.reshape(shape);
  }

  connect(order: ViewerOrder, listener: StreamConnectionListener): StreamConnection {
    const parts = this.#parts;
    return new ViewerConnection(
      {
        ...parts,
        stream: this.#encoded,
        createPeer: (codecs, peerListener) => parts.createPeer(order, codecs, peerListener),
      },
      order,
      listener,
    );
  }

  close(): Promise<void> {
    return this.#encoded.close();
  }
}
