import { availableParallelism } from 'node:os';
import type { EncoderReport } from '../../protocol/container-messages.ts';
import type { BrowserControl, WorkerControl } from '../../protocol/control-messages.ts';
import { type RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { encodeFrameMessage } from '../../protocol/frame-messages.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { SessionDescription, SessionSignal } from '../../protocol/session-signal.ts';
import { fitWithin, type Resolution, type VideoCodec } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import { AudioPipeline } from '../encode/audio-pipeline.ts';
import type { EncoderFactory } from '../encode/encoder.ts';
import { type EncodedVideo, VideoPipeline } from '../encode/video-pipeline.ts';
import type { CongestionControl } from '../transport/congestion/congestion-control.ts';
import { MediaSender } from '../transport/media-sender.ts';
import type { Peer, PeerListener, PeerState } from '../transport/peer.ts';
import type { NetworkRate } from '../worker/worker-messages.ts';
import { BrowserMessages } from './browser-messages.ts';
import { rankCodecs } from './codec-choice.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import { networkOf } from './network-of.ts';
import { PictureAdaptation } from './picture-adaptation.ts';
import type { StreamSecond } from './resolution-governor.ts';
import { DEFAULT_START_BPS, startRateBps } from './start-rate.ts';
import type {
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
} from './stream-connection.ts';
import { StreamHealth } from './stream-health.ts';

/**
 * Slices of a frame are encoded side by side: that many threads shorten a frame's time, and beyond
 * four the slices cost more bits than the time is worth.
 */
const ENCODER_THREADS = Math.min(4, availableParallelism());

/** A path's rate is worth remembering once the estimate has had time to settle. */
const RATE_SETTLED_US = 10_000_000;

export interface WebrtcStreamParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** What the browser decodes. */
  readonly codecs: readonly VideoCodec[];
  /** What this machine encodes, as measured. */
  readonly encoders: readonly EncoderReport[];
  /** Rates that this player's networks carried before. */
  readonly knownRates: readonly NetworkRate[];
  /** Least and most that the browser may hold a picture back. */
  readonly playoutDelayMs: readonly [number, number];
  readonly eventLoopDelay: EventLoopDelay;
  /** By name, in that order. */
  createEncoders(names: readonly string[]): readonly EncoderFactory[];
  createPeer(codecs: readonly VideoCodec[], listener: PeerListener): Peer;
  createCongestion(startBitrateBps: number, ceilingBps: number): CongestionControl;
}

function largestSent({ resolution, largestSent: box = resolution }: StreamShape): Resolution {
  return fitWithin(resolution, box);
}

/** A {@link StreamConnection} over WebRTC: frame → encoder → packets → peer, and input back. */
export class WebrtcStream implements StreamConnection {
  readonly #parts: WebrtcStreamParts;
  readonly #listener: StreamConnectionListener;
  readonly #peer: Peer;
  readonly #audio: AudioPipeline;
  readonly #video: VideoPipeline;
  readonly #adaptation: PictureAdaptation;
  readonly #messages: BrowserMessages;
  readonly #health: StreamHealth;
  /** Made when there is a path to send on: how fast to begin depends on whose it is. */
  #sender: MediaSender | undefined;
  #shape: StreamShape;
  #codec: VideoCodec;
  #encoder = '';
  #visible = true;
  #restarting = false;
  #connectedUs = 0;
  #closing: Promise<void> | undefined;

  /** @throws RockpoolError `no-common-codec`. */
  constructor(parts: WebrtcStreamParts, shape: StreamShape, listener: StreamConnectionListener) {
    this.#parts = parts;
    this.#shape = shape;
    this.#listener = listener;
    const { clock, scheduler } = parts;
    const codecs = this.#rankCodecs();
    this.#codec = codecs[0];
    this.#health = new StreamHealth(clock.nowUs(), parts.eventLoopDelay);
    this.#peer = parts.createPeer(codecs, {
      handleState: (state) => this.#handleState(state),
      handleLocalCandidate: (candidate) => this.#signal({ kind: 'candidate', candidate }),
      handleChannelOpen: (label) => {
        if (label === 'control' && !this.#closing) listener.handleControlOpen();
      },
      handleMessage: (label, data) => {
        if (!this.#closing) this.#messages.handleMessage(label, data, clock.nowUs());
      },
      handleRtcp: (compound) => this.#sender?.handleRtcp(compound),
    });
    this.#video = new VideoPipeline(
      {
        factories: this.#factories(this.#codec),
        resolution: shape.resolution,
        frameRate: shape.frameRate,
        bitrateBps: this.#videoBitrateBps,
        threads: ENCODER_THREADS,
        mayEncode: () => this.#sender?.acceptsVideo ?? true,
      },
      {
        handleVideo: (video) => this.#handleVideo(video),
        handleEncoder: (name, _cause, codec) => this.#handleEncoder(name, codec),
        handleFailure: (error) => this.#fail(error),
      },
      clock,
    );
    this.#adaptation = new PictureAdaptation({
      game: largestSent(shape),
      frameRate: shape.frameRate,
      scheduler,
      bitrateBps: () => this.#videoBitrateBps,
      skippedFrames: () => this.#video.skippedFrames,
      handleChange: (sent) => {
        this.#video.setSent(sent);
        this.#sender?.setFrameRate(sent.frameRate);
        this.#tellStream();
      },
    });
    this.#audio = new AudioPipeline({
      handleAudio: (audio) => this.#sender?.sendAudio(audio),
      handleFailure: (error) => this.#fail(error),
    });
    this.#messages = new BrowserMessages({
      handleInput: (input, receivedUs) => listener.handleInput(input, receivedUs),
      handlePing: (clientUs, workerUs) =>
        this.#peer.sendMessage('frames', encodeFrameMessage({ type: 'pong', clientUs, workerUs })),
      handleControl: (message) => this.#handleControl(message),
      handleRejected: (error) => this.sendControl({ type: 'error', error: error.toWire() }),
    });
  }

  open(): void {
    const offer = async () => {
      const description = await this.#peer.createOffer();
      this.#signal({ kind: 'description', description });
      // Behind the offer: while the browser answers, the encoders open.
      this.#video.setSent(this.#adaptation.sent);
      await Promise.all([this.#video.open(), this.#audio.open()]);
    };
    offer().catch((error: unknown) => this.#fail(toRockpoolError(error)));
  }

  handleSignal(payload: SessionSignal['payload']): void {
    this.#applySignal(payload).catch((error: unknown) => this.#messages.reject(error));
  }

  handleFrame(frame: VideoFrame): void {
    this.#health.handleFrame();
    if (this.#visible) this.#video.handleFrame(frame);
    else frame.release();
  }

  handleSound(block: SoundBlock): void {
    this.#audio.handleSound(block);
  }

  requestKeyframe(): void {
    this.#video.requestKeyframe();
    this.#listener.handlePictureWanted();
  }

  reshape(shape: StreamShape): void {
    const wanted = this.#shape.codec;
    this.#shape = shape;
    this.#video.setFrameRate(shape.frameRate);
    this.#sender?.setCeiling(shape.maxBitrateBps);
    // A smaller picture is no reason to change the codec under a player.
    if (shape.codec !== wanted) this.#chooseCodec();
    this.#adaptation.setGame(largestSent(shape), shape.frameRate);
  }

  sendControl(message: WorkerControl): void {
    this.#peer.sendMessage('control', JSON.stringify(message));
  }

  sendHello(game: GameInfo, resumed: boolean): void {
    this.sendControl({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      game,
      resumed,
      ...this.#describe(),
    });
  }

  reportHealth(): StreamSecond | undefined {
    const second = this.#health.take(this.#parts.clock.nowUs(), {
      video: this.#video,
      sender: this.#sender,
      rejectedMessages: this.#messages.rejected,
    });
    this.sendControl(second.message);
    this.#messages.forgive();
    this.#tellRate();
    return this.#visible ? second.cost : undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tellRate();
    this.#adaptation.close();
    this.#sender?.close();
    this.#parts.eventLoopDelay.stop();
    await Promise.all([this.#video.close(), this.#audio.close(), this.#peer.close()]);
  }

  /** Payload bits a second that the encoder may produce. */
  get #videoBitrateBps(): number {
    return this.#sender?.videoBitrateBps ?? Math.min(DEFAULT_START_BPS, this.#shape.maxBitrateBps);
  }

  #rankCodecs(): readonly [VideoCodec, ...VideoCodec[]] {
    const { resolution, frameRate, codec: wanted } = this.#shape;
    const pixelsPerSecond = resolution.width * resolution.height * frameRate;
    const { codecs: receivable, encoders } = this.#parts;
    return rankCodecs({ receivable, encoders, wanted, pixelsPerSecond });
  }

  #factories(codec: VideoCodec): readonly EncoderFactory[] {
    const able = this.#parts.encoders.filter((encoder) => encoder.codec === codec);
    return this.#parts.createEncoders(able.map(({ name }) => name));
  }

  /** The best of what the browser's answer kept. */
  #chooseCodec(): void {
    const accepted = this.#peer.video?.codecs.map(({ codec }) => codec);
    if (!accepted) return;
    const best = this.#rankCodecs().find((codec) => accepted.includes(codec));
    if (!best || best === this.#codec) return;
    this.#codec = best;
    this.#video.setEncoders(this.#factories(best));
  }

  async #applySignal(payload: SessionSignal['payload']): Promise<void> {
    switch (payload.kind) {
      case 'description':
        await this.#peer.acceptAnswer(payload.description);
        this.#chooseCodec();
        break;
      case 'candidate':
        await this.#peer.addRemoteCandidate(payload.candidate);
        break;
      case 'restart-ice':
        await this.#restartIce();
        break;
    }
  }

  /** The player's network changed. One restart at a time: a second wish finds the first under way. */
  async #restartIce(): Promise<void> {
    if (this.#restarting) return;
    this.#restarting = true;
    try {
      const description: SessionDescription = await this.#peer.restartIce();
      this.#signal({ kind: 'description', description });
    } finally {
      this.#restarting = false;
    }
  }

  #handleState(state: PeerState): void {
    if (this.#closing) return;
    if (state === 'connected') this.#handleConnected();
    this.#listener.handleState(state);
  }

  /** The first time, or again after a silence. */
  #handleConnected(): void {
    this.#parts.eventLoopDelay.start();
    if (this.#sender) return;
    const { clock, scheduler, knownRates, playoutDelayMs, createCongestion } = this.#parts;
    const { maxBitrateBps, frameRate } = this.#shape;
    this.#connectedUs = clock.nowUs();
    const startBps = startRateBps(this.#peer.remoteAddress, knownRates);
    const sender = new MediaSender(
      {
        peer: this.#peer,
        congestion: createCongestion(Math.min(startBps, maxBitrateBps), maxBitrateBps),
        clock,
        scheduler,
        random: Math.random,
        cname: 'rockpool',
        playoutDelayMs,
        frameRate,
      },
      {
        handleKeyframeRequest: () => this.requestKeyframe(),
        handleVideoBitrate: (bitrateBps) => this.#video.setBitrate(bitrateBps),
        handleFrameSent: (video, sentUs) => this.#reportFrame(video, sentUs),
      },
    );
    this.#sender = sender;
    sender.setCeiling(maxBitrateBps);
    sender.start();
    this.#video.setBitrate(sender.videoBitrateBps);
    this.#adaptation.start();
  }

  #handleVideo(video: EncodedVideo): void {
    if (!this.#sender?.sendVideo(video)) return;
    this.#health.handleVideo(video);
    this.#adaptation.handleVideo(video);
  }

  #reportFrame(video: EncodedVideo, sentUs: number): void {
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
        sendUs: sentUs - video.encodedUs,
        bytes: video.data.byteLength,
        keyframe: video.keyframe,
      }),
    );
  }

  #handleControl(message: BrowserControl): void {
    if (message.type === 'visibility') this.#setVisible(message.visible);
    else this.#listener.handleControl(message);
  }

  /** Nothing is kept for a hidden page: it goes on with the present picture, whole. */
  #setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.requestKeyframe();
  }

  /** Also when the codec wanted did not open, and the one before goes on. */
  #handleEncoder(name: string, codec: VideoCodec): void {
    this.#encoder = name;
    this.#codec = codec;
    this.#tellStream();
  }

  #tellStream(): void {
    this.sendControl({ type: 'stream', ...this.#describe() });
  }

  #describe() {
    const { resolution, frameRate, maxBitrateBps } = this.#shape;
    return {
      codec: this.#codec,
      encoder: this.#encoder,
      resolution: { ...resolution },
      frameRate,
      bitrateBps: maxBitrateBps,
      sent: this.#adaptation.sent,
    };
  }

  #tellRate(): void {
    const address = this.#peer.remoteAddress;
    const network = address === undefined ? undefined : networkOf(address);
    const bitrateBps = this.#sender?.network.estimateBps;
    if (network === undefined || bitrateBps === undefined) return;
    if (this.#parts.clock.nowUs() - this.#connectedUs < RATE_SETTLED_US) return;
    this.#listener.handleRate({ network, bitrateBps });
  }

  #signal(payload: SessionSignal['payload']): void {
    if (!this.#closing) this.#listener.handleSignal(payload);
  }

  #fail(error: RockpoolError): void {
    if (!this.#closing) this.#listener.handleFailure(error);
  }
}
