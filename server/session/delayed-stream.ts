import type { SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import type { PictureDelay } from '../../renderer/picture-delay.ts';
import type {
  SharedStream,
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
  ViewerOrder,
} from './stream-connection.ts';

/**
 * A stream to whose encoder each frame comes a fixed time late, on purpose: see
 * `ROCKPOOL_DELAY_ENCODE_MS`. Waiting for the encoder is a part of what it takes to encode.
 */
export class DelayedStream implements SharedStream {
  readonly #stream: SharedStream;
  readonly #delay: PictureDelay;

  constructor(stream: SharedStream, delay: PictureDelay) {
    this.#stream = stream;
    this.#delay = delay;
  }

  handleFrame(frame: VideoFrame): void {
    this.#delay.hold(frame, (late) => this.#stream.handleFrame(late));
  }

  handleSound(block: SoundBlock): void {
    this.#stream.handleSound(block);
  }

  reshape(shape: StreamShape): void {
    this.#stream.reshape(shape);
  }

  connect(order: ViewerOrder, listener: StreamConnectionListener): StreamConnection {
    return this.#stream.connect(order, listener);
  }

  close(): Promise<void> {
    this.#delay.close();
    return this.#stream.close();
  }
}
