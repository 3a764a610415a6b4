import type { WorkerControl } from '../../protocol/control-messages.ts';
import type { VideoFrame } from '../../renderer/game-runtime.ts';
import type { StreamSecond } from '../../server/session/resolution-governor.ts';
import type {
  SharedStream,
  SharedStreamListener,
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
  ViewerOrder,
  ViewerSecond,
} from '../../server/session/stream-connection.ts';

/** Records what a session does with its stream, and every connection made to one who sees it. */
export class FakeSharedStream implements SharedStream {
  readonly listener: SharedStreamListener;
  /** The one it was made with first. */
  readonly shapes: StreamShape[];
  readonly connections: FakeStreamConnection[] = [];
  frames = 0;
  sounds = 0;
  closed = false;
  /** Thrown at the next who wants to connect. */
  refusal: Error | undefined;

  constructor(shape: StreamShape, listener: SharedStreamListener) {
    this.shapes = [shape];
    this.listener = listener;
  }

  handleFrame(frame: VideoFrame): void {
    this.frames++;
    frame.release();
  }

  handleSound(): void {
    this.sounds++;
  }

  reshape(shape: StreamShape): void {
    this.shapes.push(shape);
  }

  connect(order: ViewerOrder, listener: StreamConnectionListener): FakeStreamConnection {
    if (this.refusal) throw this.refusal;
    const connection = new FakeStreamConnection(order, listener);
    this.connections.push(connection);
    return connection;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Records what a session does with a connection; a test plays the network through `listener`. */
export class FakeStreamConnection implements StreamConnection {
  readonly order: ViewerOrder;
  readonly listener: StreamConnectionListener;
  offered = false;
  opened = false;
  readonly sent: WorkerControl[] = [];
  readonly signals: unknown[] = [];
  readonly hellos: { resumed: boolean }[] = [];
  keyframeRequests = 0;
  refused = 0;
  closed = false;
  second: StreamSecond | undefined = {
    framesPerSecond: 60,
    frameCostP95Ms: 8,
    eventLoopDelayP99Ms: 1,
  };
  /** Pictures made and sent in a second. */
  pace: Pick<ViewerSecond, 'made' | 'sent'> = { made: 60, sent: 60 };
  fractionLost = 0;

  constructor(order: ViewerOrder, listener: StreamConnectionListener) {
    this.order = order;
    this.listener = listener;
  }

  offer(): void {
    this.offered = true;
  }

  open(): void {
    this.opened = true;
  }

  handleSignal(payload: unknown): void {
    this.signals.push(payload);
  }

  requestKeyframe(): void {
    this.keyframeRequests++;
  }

  countRefused(): void {
    this.refused++;
  }

  sendControl(message: WorkerControl): void {
    this.sent.push(message);
  }

  sendHello(_game: unknown, resumed: boolean): void {
    this.hellos.push({ resumed });
  }

  reportHealth(): ViewerSecond {
    return { cost: this.second, ...this.pace, fractionLost: this.fractionLost, rttMs: 20 };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
