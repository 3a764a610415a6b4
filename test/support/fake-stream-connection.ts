import type { WorkerControl } from '../../protocol/control-messages.ts';
import type { VideoFrame } from '../../renderer/game-runtime.ts';
import type { StreamSecond } from '../../server/session/resolution-governor.ts';
import type {
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
} from '../../server/session/stream-connection.ts';

/** Records what a session does with a connection; a test plays the network through `listener`. */
export class FakeStreamConnection implements StreamConnection {
  readonly attempt: number;
  readonly listener: StreamConnectionListener;
  /** The one it was made with first. */
  readonly shapes: StreamShape[];
  opened = false;
  readonly sent: WorkerControl[] = [];
  readonly signals: unknown[] = [];
  readonly hellos: { resumed: boolean }[] = [];
  frames = 0;
  sounds = 0;
  keyframeRequests = 0;
  closed = false;
  second: StreamSecond | undefined = {
    framesPerSecond: 60,
    frameCostP95Ms: 8,
    eventLoopDelayP99Ms: 1,
  };

  constructor(attempt: number, shape: StreamShape, listener: StreamConnectionListener) {
    this.attempt = attempt;
    this.shapes = [shape];
    this.listener = listener;
  }

  open(): void {
    this.opened = true;
  }

  handleSignal(payload: unknown): void {
    this.signals.push(payload);
  }

  handleFrame(frame: VideoFrame): void {
    this.frames++;
    frame.release();
  }

  handleSound(): void {
    this.sounds++;
  }

  requestKeyframe(): void {
    this.keyframeRequests++;
  }

  reshape(shape: StreamShape): void {
    this.shapes.push(shape);
  }

  sendControl(message: WorkerControl): void {
    this.sent.push(message);
  }

  sendHello(_game: unknown, resumed: boolean): void {
    this.hellos.push({ resumed });
  }

  reportHealth(): StreamSecond | undefined {
    return this.second;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
