import { availableParallelism } from 'node:os';
import type { EncoderReport } from '../../protocol/container-messages.ts';
import type { RockpoolError } from '../../protocol/errors.ts';
import { fitWithin, type Resolution, type VideoCodec } from '../../protocol/stream-settings.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { SoundBlock, VideoFrame } from '../../renderer/game-runtime.ts';
import { AudioPipeline, type EncodedAudio } from '../encode/audio-pipeline.ts';
import type { EncoderFactory } from '../encode/encoder.ts';
import { type EncodedVideo, VideoPipeline } from '../encode/video-pipeline.ts';
import { rankCodecs } from './codec-choice.ts';
import { GuestKeyframes } from './guest-keyframes.ts';
import { PictureAdaptation } from './picture-adaptation.ts';
import { type RatedViewer, sharedRateBps } from './shared-rate.ts';
import { DEFAULT_START_BPS } from './start-rate.ts';
import type { StreamShape } from './stream-connection.ts';

/**
 * Slices of a frame are encoded side by side: that many threads shorten a frame's time, and beyond
 * four the slices cost more bits than the time is worth.
 */
const ENCODER_THREADS = Math.min(4, availableParallelism());

export interface EncodedStreamParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** What this machine encodes, as measured. */
  readonly encoders: readonly EncoderReport[];
  /** By name, in that order. */
  createEncoders(names: readonly string[]): readonly EncoderFactory[];
}

/** Frames since a stream began. */
export interface StreamTotals {
  readonly drawnFrames: number;
  /** Not encoded because others came after them in the meantime. */
  readonly droppedFrames: number;
  /** Not encoded because the network was behind. */
  readonly skippedFrames: number;
}

export interface EncodedStreamListener {
  /** A keyframe is due, and the game may draw nothing of its own accord for a while. */
  handlePictureWanted(): void;
  /** No encoder works any more. */
  handleFailure(error: RockpoolError): void;
  /** The last who saw it is gone. */
  handleUnwatched(): void;
}

/** One who sees what is encoded. Calls never throw. */
export interface StreamViewer extends RatedViewer {
  /** False while nobody looks, or there is no path: nothing is encoded for it. */
  readonly wantsVideo: boolean;
  /** False while its path holds frames back. */
  readonly acceptsVideo: boolean;
  /** Whether a frame is on its way to it for so long that an early one would wait behind it. */
  readonly fillsPath: boolean;
  handleVideo(video: EncodedVideo): void;
  handleAudio(audio: EncodedAudio): void;
  /** The stream is another than it was told. */
  handleStream(): void;
  /** There is nothing to see any more, and others may have it yet. */
  handleStreamFailed(error: RockpoolError): void;
}

function largestSent({ resolution, largestSent: box = resolution }: StreamShape): Resolution {
  return fitWithin(resolution, box);
}

/**
 * What all who see a game share: its picture and sound, encoded once. It lives as long as the
 * session; viewers come and go.
 */
export class EncodedStream {
  readonly #parts: EncodedStreamParts;
  readonly #listener: EncodedStreamListener;
  readonly #viewers = new Set<StreamViewer>();
  readonly #audio: AudioPipeline;
  readonly #video: VideoPipeline;
  readonly #adaptation: PictureAdaptation;
  readonly #guestKeyframes: GuestKeyframes;
  #shape: StreamShape;
  #codec: VideoCodec;
  #encoder = '';
  /** What the owner's browser accepted. */
  #accepted: readonly VideoCodec[];
  #drawnFrames = 0;
  #ownerBps: number | undefined;
  #opening: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param receivable what the owner's browser decodes.
   * @throws RockpoolError `no-common-codec`.
   */
  constructor(
    parts: EncodedStreamParts,
    shape: StreamShape,
    receivable: readonly VideoCodec[],
    listener: EncodedStreamListener,
  ) {
    this.#parts = parts;
    this.#shape = shape;
    this.#listener = listener;
    this.#accepted = receivable;
    this.#codec = this.rank(receivable)[0];
    const { clock, scheduler } = parts;
    this.#guestKeyframes = new GuestKeyframes(clock, scheduler, () => this.requestKeyframe());
    this.#video = new VideoPipeline(
      {
        factories: this.#factories(this.#codec),
        resolution: shape.resolution,
        frameRate: shape.frameRate,
        bitrateBps: this.bitrateBps,
        threads: ENCODER_THREADS,
        mayEncode: () => this.#mayEncode(),
        fillsPath: () => this.#fillsPath(),
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
      bitrateBps: () => this.bitrateBps,
      skippedFrames: () => this.#video.skippedFrames,
      handleChange: (sent) => {
        this.#video.setSent(sent);
        this.#tellViewers();
      },
    });
    this.#audio = new AudioPipeline({
      handleAudio: (audio) => {
        for (const viewer of this.#viewers) viewer.handleAudio(audio);
      },
      handleFailure: (error) => this.#fail(error),
    });
  }

  /** The codec of the next picture. */
  get codec(): VideoCodec {
    return this.#codec;
  }

  get shape(): StreamShape {
    return this.#shape;
  }

  /** Payload bits a second that the encoder may produce. */
  get bitrateBps(): number {
    const { maxBitrateBps } = this.#shape;
    const absentBps = this.#ownerBps ?? Math.min(DEFAULT_START_BPS, maxBitrateBps);
    return sharedRateBps(this.#viewers, absentBps);
  }

  /** Frames a second, at most: fewer than the game draws while the network is slow. */
  get sentFrameRate(): number {
    return this.#adaptation.sent.frameRate;
  }

  get isUnwatched(): boolean {
    return this.#viewers.size === 0;
  }

  /** Counts since the stream began. */
  get counts(): StreamTotals {
    const { droppedFrames, skippedFrames } = this.#video;
    return { drawnFrames: this.#drawnFrames, droppedFrames, skippedFrames };
  }

  /** As it is told to a browser. */
  describe() {
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

  /**
   * What can be sent to a browser, the best first.
   * @throws RockpoolError `no-common-codec`.
   */
  rank(receivable: readonly VideoCodec[]): readonly [VideoCodec, ...VideoCodec[]] {
    const { resolution, frameRate, codec: wanted } = this.#shape;
    const pixelsPerSecond = resolution.width * resolution.height * frameRate;
    return rankCodecs({ receivable, encoders: this.#parts.encoders, wanted, pixelsPerSecond });
  }

  /** Opens the encoders ahead of the first frame; the second call and later ones do nothing. */
  async open(): Promise<void> {
    this.#opening ??= this.#open();
    await this.#opening;
  }

  /** Goes on with the best of what the owner's browser accepted. */
  choose(accepted: readonly VideoCodec[]): void {
    this.#accepted = accepted;
    const best = this.rank(accepted)[0];
    if (best === this.#codec) return;
    this.#codec = best;
    this.#video.setEncoders(this.#factories(best));
  }

  addViewer(viewer: StreamViewer): void {
    this.#viewers.add(viewer);
    this.handleRate();
  }

  removeViewer(viewer: StreamViewer): void {
    if (!this.#viewers.delete(viewer)) return;
    if (viewer.role === 'owner') this.#ownerBps = viewer.videoBitrateBps ?? this.#ownerBps;
    this.handleRate();
    if (this.isUnwatched && !this.#closing) this.#listener.handleUnwatched();
  }

  /** Tells all who see it that it is over. */
  failViewers(error: RockpoolError): void {
    for (const viewer of [...this.#viewers]) viewer.handleStreamFailed(error);
  }

  /** A viewer can take more or less than before. */
  handleRate(): void {
    this.#video.setBitrate(this.bitrateBps);
  }

  /** Somebody is connected: from now on the picture is judged. */
  handleConnected(): void {
    this.#adaptation.start();
  }

  handleFrame(frame: VideoFrame): void {
    this.#drawnFrames++;
    if (this.#isWatched()) this.#video.handleFrame(frame);
    else frame.release();
  }

  handleSound(block: SoundBlock): void {
    this.#audio.handleSound(block);
  }

  requestKeyframe(): void {
    this.#video.requestKeyframe();
    this.#listener.handlePictureWanted();
  }

  /** As {@link requestKeyframe}, and no more often than the others can bear. */
  requestGuestKeyframe(): void {
    this.#guestKeyframes.request();
  }

  reshape(shape: StreamShape): void {
    const wanted = this.#shape.codec;
    this.#shape = shape;
    this.#video.setFrameRate(shape.frameRate);
    // A smaller picture is no reason to change the codec under a player.
    if (shape.codec !== wanted) this.choose(this.#accepted);
    this.#adaptation.setGame(largestSent(shape), shape.frameRate);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<void> {
    this.#video.setSent(this.#adaptation.sent);
    await Promise.all([this.#video.open(), this.#audio.open()]);
  }

  async #close(): Promise<void> {
    this.#guestKeyframes.close();
    this.#adaptation.close();
    await Promise.all([this.#video.close(), this.#audio.close()]);
  }

  #factories(codec: VideoCodec): readonly EncoderFactory[] {
    const able = this.#parts.encoders.filter((encoder) => encoder.codec === codec);
    return this.#parts.createEncoders(able.map(({ name }) => name));
  }

  #isWatched(): boolean {
    for (const viewer of this.#viewers) if (viewer.wantsVideo) return true;
    return false;
  }

  /** The owner's path decides; without an owner who looks, any guest's that is free. */
  #mayEncode(): boolean {
    let accepts = false;
    for (const viewer of this.#viewers) {
      if (!viewer.wantsVideo) continue;
      if (viewer.role === 'owner') return viewer.acceptsVideo;
      accepts ||= viewer.acceptsVideo;
    }
    return accepts;
  }

  /** Whoever plays brings frames forward, and waits for them. */
  #fillsPath(): boolean {
    for (const viewer of this.#viewers) if (viewer.role === 'owner') return viewer.fillsPath;
    return false;
  }

  #handleVideo(video: EncodedVideo): void {
    if (video.keyframe) this.#guestKeyframes.handleKeyframe();
    this.#adaptation.handleVideo(video);
    for (const viewer of this.#viewers) viewer.handleVideo(video);
  }

  /** Also when the codec wanted did not open, and the one before goes on. */
  #handleEncoder(name: string, codec: VideoCodec): void {
    this.#encoder = name;
    this.#codec = codec;
    this.#tellViewers();
  }

  #tellViewers(): void {
    for (const viewer of this.#viewers) viewer.handleStream();
  }

  #fail(error: RockpoolError): void {
    if (!this.#closing) this.#listener.handleFailure(error);
  }
}
