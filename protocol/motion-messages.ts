import { RockpoolError } from './errors.ts';
import { MAX_PADS } from './input-messages.ts';

/**
 * What moves, on the `motion` channel: full states on an unreliable channel, so a lost message is
 * made good by the next. `seq` counts up from 1 on each connection; what arrives older than
 * something already applied of the same kind (and pad) is ignored.
 */
export type MotionMessage =
  | {
      readonly type: 'pointer';
      readonly seq: number;
      /** Fraction of the picture, 0 to 65535. */
      readonly x: number;
      readonly y: number;
      /**
       * Relative movement since the connection began, in CSS pixels, modulo 2^32: the receiver
       * takes the difference to the last it saw, so that loss loses no movement.
       */
      readonly sumX: number;
      readonly sumY: number;
    }
  | {
      readonly type: 'pad';
      readonly seq: number;
      readonly pad: number;
      /** Left x, left y, right x, right y: −1 to 1. */
      readonly axes: readonly [number, number, number, number];
      /** Left, right: 0 to 1. */
      readonly triggers: readonly [number, number];
    }
  /** `clientUs` comes back in the pong: the browser's clock in microseconds. */
  | { readonly type: 'ping'; readonly seq: number; readonly clientUs: number };

/*
 * Layout, big-endian: u8 type, u32 seq, then by type
 *   1 pointer  u16 x, u16 y, i32 sumX, i32 sumY
 *   2 pad      u8 pad, 4 × i16 axis (±32767), 2 × u8 trigger (0–255)
 *   3 ping     f64 clientUs
 */
const POINTER = 1;
const PAD = 2;
const PING = 3;
const BYTES: Record<number, number> = { [POINTER]: 17, [PAD]: 16, [PING]: 13 };

const AXIS_SCALE = 32_767;
const TRIGGER_SCALE = 255;

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

export function encodeMotion(message: MotionMessage): Uint8Array<ArrayBuffer> {
  const type = message.type === 'pointer' ? POINTER : message.type === 'pad' ? PAD : PING;
  const view = new DataView(new ArrayBuffer(BYTES[type] ?? 0));
  view.setUint8(0, type);
  view.setUint32(1, message.seq);
  if (message.type === 'pointer') {
    view.setUint16(5, message.x);
    view.setUint16(7, message.y);
    view.setInt32(9, message.sumX);
    view.setInt32(13, message.sumY);
  } else if (message.type === 'pad') {
    view.setUint8(5, message.pad);
    for (let i = 0; i < 4; i++) {
      const axis = clamp(message.axes[i] ?? 0, -1, 1);
      view.setInt16(6 + 2 * i, Math.round(axis * AXIS_SCALE));
    }
    for (let i = 0; i < 2; i++) {
      const trigger = clamp(message.triggers[i] ?? 0, 0, 1);
      view.setUint8(14 + i, Math.round(trigger * TRIGGER_SCALE));
    }
  } else {
    view.setFloat64(5, message.clientUs);
  }
  return new Uint8Array(view.buffer);
}

function malformed(why: string): RockpoolError {
  return new RockpoolError('bad-message', `motion message: ${why}`);
}

/** @throws RockpoolError `bad-message` on anything that {@link encodeMotion} could not have written. */
export function decodeMotion(bytes: Uint8Array): MotionMessage {
  const type = bytes[0] ?? 0;
  const expected = BYTES[type];
  if (expected === undefined) throw malformed(`type ${type} is unknown`);
  if (bytes.length !== expected) throw malformed(`type ${type} has ${expected} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seq = view.getUint32(1);
  if (seq === 0) throw malformed('sequence numbers start at 1');
  if (type === POINTER) {
    return {
      type: 'pointer',
      seq,
      x: view.getUint16(5),
      y: view.getUint16(7),
      sumX: view.getInt32(9),
      sumY: view.getInt32(13),
    };
  }
  if (type === PING) {
    const clientUs = view.getFloat64(5);
    if (!Number.isFinite(clientUs)) throw malformed('the time is not a number');
    return { type: 'ping', seq, clientUs };
  }
  const pad = view.getUint8(5);
  if (pad >= MAX_PADS) throw malformed(`the pad must be below ${MAX_PADS}`);
  const axis = (i: number) => {
    const value = view.getInt16(6 + 2 * i);
    if (value < -AXIS_SCALE) throw malformed('an axis is out of range');
    return value / AXIS_SCALE;
  };
  return {
    type: 'pad',
    seq,
    pad,
    axes: [axis(0), axis(1), axis(2), axis(3)],
    triggers: [view.getUint8(14) / TRIGGER_SCALE, view.getUint8(15) / TRIGGER_SCALE],
  };
}
