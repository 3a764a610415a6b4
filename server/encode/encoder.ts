import type { Resolution, VideoCodec } from '../../protocol/stream-settings.ts';

export interface EncoderSettings extends Resolution {
  /** Frames per second, for rate control; frames may come at other intervals. */
  readonly frameRate: number;
  readonly bitrateBps: number;
  /** Encoder threads; 0 lets the encoder choose. */
  readonly threads: number;
}

/** One encoded access unit: H.264 and H.265 as Annex B byte stream, AV1 as low-overhead OBUs. */
export interface EncodedFrame {
  /** Owned by the caller. */
  readonly data: Uint8Array;
  readonly keyframe: boolean;
  /**
   * How coarsely it was quantized, 0 (finest) to 1 (coarsest the codec has); undefined where the
   * encoder does not tell.
   */
  readonly quantizer: number | undefined;
}

/**
 * An open video encoder: P-frames only, keyframes only when asked, one frame in and one out. One
 * call at a time: `encode` must have settled before the next.
 */
export interface Encoder {
  /** FFmpeg's name of it: `libx264`, `h264_nvenc`, … */
  readonly name: string;
  readonly codec: VideoCodec;
  readonly settings: EncoderSettings;
  /**
   * Encodes off the event loop.
   * @param i420 planes Y, U, V tightly packed; not kept after the promise settles.
   * @param timestamp90k RTP timestamp of the frame, strictly increasing (not wrapped).
   * @param share of a frame's bits that this one may have, above 0 to 1; 1 where left out. Keyframes
   * have theirs, and encoders that cannot be told for one frame alone go on as they do.
   * @throws RockpoolError `encoder-failed`; the encoder is then unusable and must be closed.
   */
  encode(
    i420: Uint8Array,
    timestamp90k: number,
    keyframe: boolean,
    share?: number,
  ): Promise<EncodedFrame>;
  /** Takes effect at the next frame. */
  setBitrate(bitrateBps: number): void;
  close(): void;
}

/** A kind of encoder this machine may be able to open. */
export interface EncoderFactory {
  readonly name: string;
  readonly codec: VideoCodec;
  readonly hardware: boolean;
  /** @throws RockpoolError `encoder-failed` where library, driver or device refuse. */
  open(settings: EncoderSettings): Promise<Encoder>;
}
