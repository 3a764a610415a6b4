import { AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_FLT, FF_ENCODER_LIBOPUS } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import {
  SOUND_BLOCK_FRAMES,
  SOUND_CHANNELS,
  SOUND_SAMPLE_RATE,
  type SoundBlock,
} from '../../renderer/game-runtime.ts';
import { expectSuccess, silenceLibav } from './libav-error.ts';

/** Stereo music and effects are transparent to most ears here (Opus, RFC 7587 §3.1.1). */
const BITRATE_BPS = 128_000;

/** Sound that waits longer than 30 ms is worth less than the sound after it. */
const MAX_WAITING_BLOCKS = 3;

/** Blocks may arrive a tick early or late; beyond this the runtime was suspended or fell behind. */
const MAX_DRIFT_US = 40_000;

/** Silence of 200 ms: echoes have died away, and the decoder has seen it. */
const SILENT_BLOCKS = 20;
/**
 * From then on one block in 400 ms goes (RFC 7587 §3.1.3): a hundred packets a second that say nothing
 * would be most of what a game with a still picture costs.
 */
const SILENT_INTERVAL = 40;

const BLOCK_US = (SOUND_BLOCK_FRAMES * 1e6) / SOUND_SAMPLE_RATE;
const BLOCK_BYTES = SOUND_BLOCK_FRAMES * SOUND_CHANNELS * Float32Array.BYTES_PER_ELEMENT;

/** One Opus packet of 10 ms. */
export interface EncodedAudio {
  readonly data: Uint8Array;
  /** 48 kHz, 32 bits (RFC 7587 §4.1). */
  readonly rtpTimestamp: number;
  /** When its first sample is due; microseconds of the runtime's clock. */
  readonly dueUs: number;
}

/** Where an audio pipeline reports. Calls never throw. */
export interface AudioPipelineListener {
  handleAudio(audio: EncodedAudio): void;
  /** Sound has stopped: the pipeline has closed itself. */
  handleFailure(error: RockpoolError): void;
}

interface Waiting {
  readonly samples: Buffer;
  readonly position: number;
  readonly dueUs: number;
}

/** 10 ms blocks of float samples in, Opus packets out, never more than 30 ms behind. */
export class AudioPipeline {
  readonly #listener: AudioPipelineListener;
  readonly #context = new CodecContext();
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  readonly #waiting: Waiting[] = [];
  readonly #free: Buffer[] = [];
  #opening: Promise<void> | undefined;
  #work: Promise<void> | undefined;
  #position = 0;
  #nextDueUs: number | undefined;
  #droppedBlocks = 0;
  #silentBlocks = 0;
  #closed = false;
  #freed = false;

  constructor(listener: AudioPipelineListener) {
    this.#listener = listener;
  }

  /** Blocks dropped because encoding could not keep up. */
  get droppedBlocks(): number {
    return this.#droppedBlocks;
  }

  /**
   * Opens the encoder ahead of the first block.
   * @throws RockpoolError `encoder-failed`.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  handleSound(block: SoundBlock): void {
    if (this.#closed) return;
    this.#advance(block.dueUs);
    if (this.#isNeedless(block.samples)) return;
    if (this.#waiting.length >= MAX_WAITING_BLOCKS) {
      const oldest = this.#waiting.shift();
      if (oldest) this.#free.push(oldest.samples);
      this.#droppedBlocks++;
    }
    const samples = this.#free.pop() ?? Buffer.alloc(BLOCK_BYTES);
    const { buffer, byteOffset, byteLength } = block.samples;
    samples.set(new Uint8Array(buffer, byteOffset, Math.min(byteLength, BLOCK_BYTES)));
    this.#waiting.push({ samples, position: this.#position, dueUs: block.dueUs });
    this.#work ??= this.#drain();
  }

  /** Idempotent; resolves once the encoder is freed. */
  async close(): Promise<void> {
    this.#shut();
    await this.#work;
    await this.#opening?.catch(() => {});
    this.#release();
  }

  #shut(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  /**
   * RTP time counts samples, so that rounding never shows; it follows the runtime's clock only
   * across a real gap.
   */
  #advance(dueUs: number): void {
    if (this.#nextDueUs === undefined) {
      this.#position = Math.round((dueUs * SOUND_SAMPLE_RATE) / 1e6);
    } else {
      const gapUs = dueUs - this.#nextDueUs;
      const skipped = gapUs > MAX_DRIFT_US ? Math.round(gapUs / BLOCK_US) : 0;
      this.#position += SOUND_BLOCK_FRAMES * (1 + skipped);
      if (Math.abs(gapUs) <= MAX_DRIFT_US) {
        this.#nextDueUs += BLOCK_US;
        return;
      }
    }
    this.#nextDueUs = dueUs + BLOCK_US;
  }

  #isNeedless(samples: Float32Array): boolean {
    for (const sample of samples) {
      if (sample === 0) continue;
      this.#silentBlocks = 0;
      return false;
    }
    this.#silentBlocks++;
    const beyond = this.#silentBlocks - SILENT_BLOCKS;
    return beyond > 0 && beyond % SILENT_INTERVAL !== 0;
  }

  async #drain(): Promise<void> {
    try {
      await this.open();
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        await this.#encode(next);
        this.#free.push(next.samples);
      }
    } catch (error) {
      if (!this.#closed) {
        this.#shut();
        this.#listener.handleFailure(toRockpoolError(error, 'encoder-failed'));
      }
    }
    this.#work = undefined;
  }

  async #encode({ samples, position, dueUs }: Waiting): Promise<void> {
    expectSuccess(this.#frame.fromBuffer(samples), 'Reading sound');
    this.#frame.pts = BigInt(position);
    expectSuccess(await this.#context.sendFrame(this.#frame), 'libopus did not take a block');
    // The work was done in `sendFrame`; this only moves the packet out of the context.
    expectSuccess(this.#context.receivePacketSync(this.#packet), 'libopus gave no packet');
    const { data } = this.#packet;
    if (!data) throw new RockpoolError('encoder-failed', 'libopus gave an empty packet.');
    const copy = new Uint8Array(data);
    this.#packet.unref();
    if (this.#closed) return;
    this.#listener.handleAudio({ data: copy, rtpTimestamp: position % 2 ** 32, dueUs });
  }

  async #open(): Promise<void> {
    silenceLibav();
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS);
    if (!codec) throw new RockpoolError('encoder-failed', 'This build of libav has no libopus.');
    const context = this.#context;
    context.allocContext3(codec);
    context.sampleRate = SOUND_SAMPLE_RATE;
    context.sampleFormat = AV_SAMPLE_FMT_FLT;
    context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    context.bitRate = BigInt(BITRATE_BPS);
    context.timeBase = new Rational(1, SOUND_SAMPLE_RATE);
    const options = Dictionary.fromObject({
      // Looks ahead 2.5 ms where `audio` takes 6.5, at 40 % of its CPU (0.08 against 0.20 ms). It has
      // no in-band error correction, which only Opus's speech coder carries (RFC 6716 §2.1.7): with
      // `audio`, told of 5 % loss, 11 % of a game's packets carry any, at 48 to 128 kbit/s; told of
      // 20 %, 77 %, for which all music is coded as speech. Redundancy is the transport's instead.
      application: 'lowdelay',
      frame_duration: '10',
    });
    try {
      expectSuccess(await context.open2(codec, options), 'Opening libopus');
    } finally {
      options.free();
    }
    this.#frame.alloc();
    this.#frame.nbSamples = SOUND_BLOCK_FRAMES;
    this.#frame.format = AV_SAMPLE_FMT_FLT;
    this.#frame.sampleRate = SOUND_SAMPLE_RATE;
    this.#frame.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    expectSuccess(this.#frame.getBuffer(), 'Allocating sound');
    this.#packet.alloc();
  }

  #release(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#context.freeContext();
    this.#frame.free();
    this.#packet.free();
  }
}
