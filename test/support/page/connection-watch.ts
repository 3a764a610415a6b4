import { followConnections } from '../../../gate/page/opened-connections.ts';

/**
 * Keeps hold of the WebRTC connections a page makes: what is sent and received on the data channels,
 * how loud the sound is, and the channels themselves, for whoever wants to send rubbish on them.
 */
export class ConnectionWatch {
  readonly #channels = new Map<string, RTCDataChannel>();
  readonly #sent = new Map<string, number[][]>();
  readonly #control: unknown[] = [];
  #track: MediaStreamTrack | undefined;
  #sound: AnalyserNode | undefined;

  constructor() {
    followConnections((connection) => this.#watch(connection));
  }

  /** Channels of the newest connection by label. */
  get channels(): ReadonlyMap<string, RTCDataChannel> {
    return this.#channels;
  }

  /** Binary messages this page sent on a channel, oldest first, as bytes. */
  sent(label: string): readonly (readonly number[])[] {
    return this.#sent.get(label) ?? [];
  }

  /** What the worker said on `control`, oldest first. */
  get control(): readonly unknown[] {
    return this.#control;
  }

  /**
   * Energy of the received sound now: mean of the squared samples, 0 for silence. It is listened to from
   * the first time on that somebody asks, as that takes part of a processor.
   */
  get soundEnergy(): number {
    if (this.#track) this.#sound ??= analyserOf(this.#track);
    if (!this.#sound) return 0;
    const samples = new Float32Array(this.#sound.fftSize);
    this.#sound.getFloatTimeDomainData(samples);
    return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  }

  #watch(connection: RTCPeerConnection): void {
    connection.addEventListener('track', ({ track }) => {
      if (track.kind !== 'audio') return;
      this.#track = track;
      this.#sound = undefined;
    });
    connection.addEventListener('datachannel', ({ channel }) => this.#tap(channel));
  }

  #tap(channel: RTCDataChannel): void {
    this.#channels.set(channel.label, channel);
    if (channel.label === 'control') {
      channel.addEventListener('message', ({ data }) => this.#control.push(JSON.parse(data)));
    }
    const send = channel.send.bind(channel) as (data: unknown) => void;
    channel.send = (data: unknown) => {
      send(data);
      if (!(data instanceof Uint8Array)) return;
      const sent = this.#sent.get(channel.label) ?? [];
      this.#sent.set(channel.label, sent);
      sent.push([...data]);
    };
  }
}

function analyserOf(track: MediaStreamTrack): AnalyserNode {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  return analyser;
}
