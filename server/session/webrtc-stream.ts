import { availableParallelism } from 'node:os';
import type { ChannelLabel } from '../../protocol/channels.ts';
import { parseBrowserControl, type WorkerControl } from '../../protocol/control-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { encodeFrameMessage } from '../../protocol/frame-messages.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import { AudioPipeline } from '../encode/audio-pipeline.ts';
import type { EncoderFactory } from '../encode/encoder.ts';
import { type EncodedVideo, VideoPipeline } from '../encode/video-pipeline.ts';
import { FixedRate } from '../transport/congestion-control.ts';
import { MediaSender } from '../transport/media-sender.ts';
import type { Peer, PeerListener, PeerState } from '../transport/peer.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import { InputChannel } from './input-channel.ts';
import type { StreamSecond } from './resolution-governor.ts';
import type {
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
} from './stream-connection.ts';
import { StreamHealth } from './stream-health.ts';

/** A browser that sends nonsense is told so this often a second at most; the rest is counted. */
const MAX_ERROR_REPLIES = 10;

/**
 * Slices of a frame are encoded side by side: that many threads shorten a frame's time, and beyond
 * four the slices cost more bits than the time is worth.
 */
const ENCODER_THREADS = Math.min(4, availableParallelism());

export interface WebrtcStreamParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly codec: VideoCodec;
  /** Encoders of that codec, best first. */
  readonly factories: readonly EncoderFactory[];
  readonly eventLoopDelay: EventLoopDelay;
  createPeer(listener: PeerListener): Peer;
}

/** A {@link StreamConnection} over WebRTC: frame → encoder → packets → peer, and input back. */
export class WebrtcStream implements StreamConnection {
  readonly #parts: WebrtcStreamParts;
  readonly #listener: StreamConnectionListener;
  readonly #peer: Peer;
  readonly #sender: MediaSender;
  readonly #audio: AudioPipeline;
  readonly #congestion = new FixedRate(0);
  readonly #input: InputChannel;
  readonly #health: StreamHealth;
  #video: VideoPipeline | undefined;
  #shape: StreamShape | undefined;
  #encoder = '';
  #rejectedMessages = 0;
  #errorReplies = 0;
  #healthBytes = 0;
  #cpu = process.cpuUsage();
  #cpuAtUs: number;
  #closing: Promise<void> | undefined;

  constructor(parts: WebrtcStreamParts, listener: StreamConnectionListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#health = new StreamHealth(parts.clock.nowUs());
    this.#cpuAtUs = parts.clock.nowUs();
    this.#peer = parts.createPeer({
      handleState: (state) => this.#handleState(state),
      handleLocalCandidate: (candidate) => this.#signal({ kind: 'candidate', candidate }),
      handleChannelOpen: (label) => {
        if (label === 'control' && !this.#closing) listener.handleControlOpen();
      },
      handleMessage: (label, data) => this.#handleMessage(label, data),
      handleRtcp: (compound) => this.#sender.handleRtcp(compound),
    });
    this.#sender = new MediaSender(
      {
        peer: this.#peer,
        codec: parts.codec,
        congestion: this.#congestion,
        clock: parts.clock,
        scheduler: parts.scheduler,
        random: Math.random,
        cname: 'rockpool',
      },
      {
        handleKeyframeRequest: () => this.#video?.requestKeyframe(),
        handleTargetBitrate: (bitrateBps) => this.#video?.setBitrate(bitrateBps),
      },
    );
    this.#audio = new AudioPipeline({
      handleAudio: (audio) => this.#sender.sendAudio(audio),
      handleFailure: (error) => this.#fail(error),
    });
    this.#input = new InputChannel({
      handleInput: (input, receivedUs) => listener.handleInput(input, receivedUs),
      handlePing: (clientUs, workerUs) =>
        this.#peer.sendMessage('frames', encodeFrameMessage({ type: 'pong', clientUs, workerUs })),
    });
  }

  open(shape: StreamShape): void {
    this.#shape = shape;
    this.#congestion.setCeiling(shape.maxBitrateBps);
    const video = new VideoPipeline(
      {
        factories: this.#parts.factories,
        resolution: shape.resolution,
        frameRate: shape.frameRate,
        bitrateBps: this.#congestion.targetBitrateBps,
        threads: ENCODER_THREADS,
      },
      {
        handleVideo: (picture) => this.#handleVideo(picture),
        handleEncoder: (name) => this.#handleEncoder(name),
        handleFailure: (error) => this.#fail(error),
      },
      this.#parts.clock,
    );
    this.#video = video;
    const offer = async () => {
      const description = await this.#peer.createOffer();
      this.#signal({ kind: 'description', description });
      // Behind the offer: while the browser answers, the encoders open.
      await Promise.all([video.open(), this.#audio.open()]);
    };
    offer().catch((error: unknown) => this.#fail(toRockpoolError(error)));
  }

  handleSignal(payload: SessionSignal['payload']): void {
    const done =
      payload.kind === 'description'
        ? this.#peer.acceptAnswer(payload.description)
        : this.#peer.addRemoteCandidate(payload.candidate);
    done.catch((error: unknown) => this.#reject(error));
  }

  handleFrame(frame: VideoFrame): void {
    if (this.#video) this.#video.handleFrame(frame);
    else frame.release();
  }

  handleSound(block: SoundBlock): void {
    this.#audio.handleSound(block);
  }

  requestKeyframe(): void {
    this.#video?.requestKeyframe();
  }

  reshape(shape: StreamShape): void {
    this.#shape = shape;
    this.#congestion.setCeiling(shape.maxBitrateBps);
    this.#video?.setBitrate(this.#congestion.targetBitrateBps);
    this.#video?.setFrameRate(shape.frameRate);
    this.#tellStream();
  }

  sendControl(message: WorkerControl): void {
    this.#peer.sendMessage('control', JSON.stringify(message));
  }

  sendHello(game: GameInfo, resumed: boolean): void {
    const stream = this.#describe();
    if (!stream) return;
    this.sendControl({ type: 'hello', protocol: PROTOCOL_VERSION, game, resumed, ...stream });
  }

  reportHealth(): StreamSecond {
    const nowUs = this.#parts.clock.nowUs();
    const elapsedUs = Math.max(1, nowUs - this.#cpuAtUs);
    const second = this.#health.take(nowUs);
    const { bytes, retransmittedPackets, malformedRtcp } = this.#sender.counters;
    const cpu = process.cpuUsage(this.#cpu);
    this.sendControl({
      type: 'health',
      eventLoopDelayP99Ms: this.#parts.eventLoopDelay.takeP99Ms(),
      framesPerSecond: second.framesPerSecond,
      bitrateBps: ((bytes - this.#healthBytes) * 8e6) / elapsedUs,
      rssBytes: process.memoryUsage.rss(),
      cpuFraction: (cpu.user + cpu.system) / elapsedUs,
      droppedFrames: this.#video?.droppedFrames ?? 0,
      retransmittedPackets,
      rejectedMessages: this.#rejectedMessages + malformedRtcp,
    });
    this.#healthBytes = bytes;
    this.#cpu = process.cpuUsage();
    this.#cpuAtUs = nowUs;
    this.#errorReplies = 0;
    return second;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#sender.close();
    this.#parts.eventLoopDelay.stop();
    await Promise.all([this.#video?.close(), this.#audio.close(), this.#peer.close()]);
  }

  #handleState(state: PeerState): void {
    if (this.#closing) return;
    if (state === 'connected') {
      this.#sender.start();
      this.#parts.eventLoopDelay.start();
    }
    this.#listener.handleState(state);
  }

  #handleVideo(video: EncodedVideo): void {
    if (!this.#sender.sendVideo(video)) return;
    this.#health.handleVideo(video);
    this.#peer.sendMessage(
      'frames',
      encodeFrameMessage({
        type: 'frame',
        rtpTimestamp: video.rtpTimestamp,
        frameNumber: video.frameNumber,
        inputSeq: video.inputSeq,
        inputReceivedUs: video.inputReceivedUs,
        tickUs: video.tickUs,
        renderUs: video.renderedUs - video.tickUs,
        encodeUs: video.encodedUs - video.renderedUs,
        sendUs: this.#sender.lastSentUs - video.encodedUs,
        bytes: video.data.byteLength,
        keyframe: video.keyframe,
      }),
    );
  }

  #handleMessage(label: ChannelLabel, data: Uint8Array | string): void {
    if (this.#closing) return;
    const receivedUs = this.#parts.clock.nowUs();
    try {
      if (label === 'control') {
        if (typeof data !== 'string') throw unexpected(label);
        this.#handleControl(data);
      } else {
        if (typeof data === 'string' || label === 'frames') throw unexpected(label);
        if (label === 'input') this.#input.handleInputBytes(data, receivedUs);
        else this.#input.handleMotionBytes(data, receivedUs);
      }
    } catch (error) {
      this.#reject(error);
    }
  }

  #handleControl(text: string): void {
    const message = parseBrowserControl(text);
    if (message.type === 'hello' && message.protocol !== PROTOCOL_VERSION) {
      throw new RockpoolError(
        'protocol-mismatch',
        `The page speaks version ${message.protocol}, this container version ${PROTOCOL_VERSION}. Reload the page.`,
      );
    }
    this.#listener.handleControl(message);
  }

  /** Counts what was not understood and says so, within reason. */
  #reject(error: unknown): void {
    this.#rejectedMessages++;
    if (this.#errorReplies++ >= MAX_ERROR_REPLIES) return;
    this.sendControl({ type: 'error', error: toRockpoolError(error, 'bad-message').toWire() });
  }

  #handleEncoder(name: string): void {
    this.#encoder = name;
    this.#tellStream();
  }

  #tellStream(): void {
    const stream = this.#describe();
    if (stream) this.sendControl({ type: 'stream', ...stream });
  }

  #describe() {
    if (!this.#shape) return undefined;
    const { resolution, frameRate } = this.#shape;
    return {
      codec: this.#parts.codec,
      encoder: this.#encoder,
      resolution: { ...resolution },
      frameRate,
      bitrateBps: this.#congestion.targetBitrateBps,
    };
  }

  #signal(payload: SessionSignal['payload']): void {
    if (!this.#closing) this.#listener.handleSignal(payload);
  }

  #fail(error: RockpoolError): void {
    if (!this.#closing) this.#listener.handleFailure(error);
  }
}

function unexpected(label: ChannelLabel): RockpoolError {
  return new RockpoolError('bad-message', `This kind of message does not belong on "${label}".`);
}
