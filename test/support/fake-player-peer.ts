import type {
  PlayerPeer,
  PlayerPeerListener,
  SignalPayload,
} from '../../client/player/media/player-peer.ts';
import type { ChannelLabel } from '../../protocol/channels.ts';
import type { WorkerControl } from '../../protocol/control-messages.ts';
import { encodeFrameMessage } from '../../protocol/frame-messages.ts';
import { decodeInput, type InputMessage } from '../../protocol/input-messages.ts';
import { decodeMotion, type MotionMessage } from '../../protocol/motion-messages.ts';

/** A worker at the far end of a peer connection, played by the test. */
export class FakePlayerPeer implements PlayerPeer {
  readonly listener: PlayerPeerListener;
  readonly remoteSignals: SignalPayload[] = [];
  readonly inputs: InputMessage[] = [];
  readonly motions: MotionMessage[] = [];
  readonly controls: unknown[] = [];
  readonly stats = new Map<string, unknown>();
  closed = false;
  refreshes = 0;
  /** Pongs come back at once; without them the connection is silent after a while. */
  answersPings: boolean;
  #open = false;

  constructor(listener: PlayerPeerListener, answersPings = true) {
    this.listener = listener;
    this.answersPings = answersPings;
  }

  handleRemoteSignal(payload: SignalPayload): void {
    this.remoteSignals.push(payload);
  }

  refreshPlayout(): void {
    this.refreshes++;
  }

  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean {
    if (!this.#open || this.closed) return false;
    if (typeof data === 'string') this.controls.push(JSON.parse(data));
    else if (label === 'input') this.inputs.push(decodeInput(data));
    else if (label === 'motion') this.#move(decodeMotion(data));
    return true;
  }

  async getStats(): Promise<RTCStatsReport> {
    return this.stats as unknown as RTCStatsReport;
  }

  close(): void {
    this.closed = true;
  }

  /** The channels open. */
  open(): void {
    this.#open = true;
    this.listener.handleOpen();
  }

  /** A `control` message arrives. */
  say(message: WorkerControl): void {
    this.listener.handleMessage('control', JSON.stringify(message));
  }

  /** What the browser counts of the picture from now on; times and delays in seconds. */
  receive(inbound: Partial<RTCInboundRtpStreamStats>): void {
    this.stats.set('video', { type: 'inbound-rtp', kind: 'video', timestamp: 0, ...inbound });
  }

  #move(motion: MotionMessage): void {
    this.motions.push(motion);
    if (motion.type !== 'ping' || !this.answersPings) return;
    const { clientUs } = motion;
    const pong = encodeFrameMessage({ type: 'pong', clientUs, workerUs: clientUs });
    this.listener.handleMessage('frames', pong.buffer);
  }

  get pads(): number[] {
    return this.inputs.flatMap((input) => (input.type === 'pad-connected' ? [input.pad] : []));
  }
}
