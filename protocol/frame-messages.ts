import { RockpoolError } from './errors.ts';

/**
 * Worker → browser on the `frames` channel. Times are microseconds of the worker's monotonic clock;
 * the pong tells the browser how far that clock is from its own.
 */
export type FrameMessage = FrameReport | Pong;

/** One per sent frame: joined by `rtpTimestamp` to the frame on screen. */
export interface FrameReport {
  readonly type: 'frame';
  /** RTP timestamp of the frame, 90 kHz, 32 bits (RFC 3550 §5.1). */
  readonly rtpTimestamp: number;
  readonly frameNumber: number;
  /** Last `input` sequence number applied before this frame was drawn; 0 while there is none. */
  readonly inputSeq: number;
  /** When that input arrived at the worker. */
  readonly inputReceivedUs: number;
  /** Start of the tick that drew the frame. */
  readonly tickUs: number;
  /** Tick start until the pixels were in memory. */
  readonly renderUs: number;
  /** From there until the encoder gave the last byte: waiting for it, converting, encoding. */
  readonly encodeUs: number;
  /** From there until the last packet was handed to the socket. */
  readonly sendUs: number;
  /** Encoded size in bytes, before packetization. */
  readonly bytes: number;
  readonly keyframe: boolean;
}

export interface Pong {
  readonly type: 'pong';
  /** From the ping. */
  readonly clientUs: number;
  /** The worker's clock as the ping arrived. */
  readonly workerUs: number;
}

/*
 * Layout, big-endian:
 *   1 frame  u8 type, u32 rtpTimestamp, u32 frameNumber, u32 inputSeq, f64 inputReceivedUs,
 *            f64 tickUs, u32 renderUs, u32 encodeUs, u32 sendUs, u32 bytes, u8 keyframe
 *   2 pong   u8 type, f64 clientUs, f64 workerUs
 */
const FRAME = 1;
const PONG = 2;
const FRAME_BYTES = 46;
const PONG_BYTES = 17;

/** Durations of more than 71 minutes are cut to what 32 bits hold. */
function u32(value: number): number {
  return value < 0 ? 0 : value > 0xffff_ffff ? 0xffff_ffff : Math.round(value);
}

export function encodeFrameMessage(message: FrameMessage): Uint8Array<ArrayBuffer> {
  if (message.type === 'pong') {
    const view = new DataView(new ArrayBuffer(PONG_BYTES));
    view.setUint8(0, PONG);
    view.setFloat64(1, message.clientUs);
    view.setFloat64(9, message.workerUs);
    return new Uint8Array(view.buffer);
  }
  const view = new DataView(new ArrayBuffer(FRAME_BYTES));
  view.setUint8(0, FRAME);
  view.setUint32(1, message.rtpTimestamp);
  view.setUint32(5, message.frameNumber);
  view.setUint32(9, message.inputSeq);
  view.setFloat64(13, message.inputReceivedUs);
  view.setFloat64(21, message.tickUs);
  view.setUint32(29, u32(message.renderUs));
  view.setUint32(33, u32(message.encodeUs));
  view.setUint32(37, u32(message.sendUs));
  view.setUint32(41, u32(message.bytes));
  view.setUint8(45, message.keyframe ? 1 : 0);
  return new Uint8Array(view.buffer);
}

function malformed(why: string): RockpoolError {
  return new RockpoolError('bad-message', `frame message: ${why}`);
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw malformed('a time is not a number');
  return value;
}

/** @throws RockpoolError `bad-message` on anything {@link encodeFrameMessage} could not have written. */
export function decodeFrameMessage(bytes: Uint8Array): FrameMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = bytes[0] ?? 0;
  if (type === PONG && bytes.length === PONG_BYTES) {
    return {
      type: 'pong',
      clientUs: finite(view.getFloat64(1)),
      workerUs: finite(view.getFloat64(9)),
    };
  }
  if (type !== FRAME || bytes.length !== FRAME_BYTES) {
    throw malformed(`type ${type} with ${bytes.length} bytes is unknown`);
  }
  const keyframe = view.getUint8(45);
  if (keyframe > 1) throw malformed('a flag must be 0 or 1');
  return {
    type: 'frame',
    rtpTimestamp: view.getUint32(1),
    frameNumber: view.getUint32(5),
    inputSeq: view.getUint32(9),
    inputReceivedUs: finite(view.getFloat64(13)),
    tickUs: finite(view.getFloat64(21)),
    renderUs: view.getUint32(29),
    encodeUs: view.getUint32(33),
    sendUs: view.getUint32(37),
    bytes: view.getUint32(41),
    keyframe: keyframe === 1,
  };
}
