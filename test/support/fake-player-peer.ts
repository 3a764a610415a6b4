import type {
  PlayerPeer,
  PlayerPeerListener,
  SignalPayload,
} from '../../client/player/media/player-peer.ts';
import type { ChannelLabel } from '../../protocol/channels.ts';
import type { WorkerControl } from '../../protocol/control-messages.ts';
import { decodeInput, type InputMessage } from '../../protocol/input-messages.ts';
import { decodeMotion, type MotionMessage } from '../../protocol/motion-messages.ts';

/** A worker at the far end of a peer connection, played by the test. */
export class FakePlayerPeer implements PlayerPeer {
  readonly listener: PlayerPeerListener;
  readonly remoteSignals: SignalPayload[] = [];
  readonly inputs: InputMessage[] = [];
  readonly motions: MotionMessage[] = [];
  readonly controls: unknown[] = [];
  stats = new Map<string, unknown>();
  closed = false;
  #open = false;

  constructor(listener: PlayerPeerListener) {
    this.listener = listener;
  }

  handleRemoteSignal(payload: SignalPayload): void {
    this.remoteSignals.push(payload);
  }

  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean {
    if (!this.#open || this.closed) return false;
    if (typeof data === 'string') this.controls.push(JSON.parse(data));
    else if (label === 'input') this.inputs.push(decodeInput(data));
    else if (label === 'motion') this.motions.push(decodeMotion(data));
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

  get pads(): number[] {
    return this.inputs.flatMap((input) => (input.type === 'pad-connected' ? [input.pad] : []));
  }
}
